# shellcheck shell=bash
# Sourced by the tools: where the project is and how they speak. What they say about their progress
# goes to standard error, so that standard output carries results alone. Kept to what bash 3.2
# understands, which is what macOS has.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
tool=${0##*/}

say() { printf '%s: %s\n' "$tool" "$*" >&2; }

fail() {
  say "error: $*"
  exit 1
}

usage_error() {
  say "error: $* (see $0 --help)"
  exit 2
}

has_command() { command -v "$1" >/dev/null 2>&1; }

core_count() { getconf _NPROCESSORS_ONLN; }

# How many tests at once: they wait for each other's processes more than they compute.
test_jobs() { echo $((2 * $(core_count))); }

# Where CMakePresets.json makes this preset build.
build_folder() {
  case $1 in
    release) echo "$root/build" ;;
    release-*) echo "$root/build-${1#release-}" ;;
    *) echo "$root/build-$1" ;;
  esac
}
