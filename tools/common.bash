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

# Runs a command that ends with this shell, which otherwise would leave it running when ended by a
# signal that the command does not get as well.
run_bound() {
  local command='' ended_by='' status=0 name
  for name in HUP INT QUIT TERM; do
    # shellcheck disable=SC2064  # the signal's name is known now
    trap "ended_by=$name; [[ -z \$command ]] || kill \"\$command\" 2>/dev/null || true" "$name"
  done
  # What runs in the background ignores two of them and its standard input unless told otherwise.
  (
    trap - HUP INT QUIT TERM
    exec "$@"
  ) <&0 &
  command=$!
  # It may have come before there was anything to end.
  [[ -z $ended_by ]] || kill "$command" 2>/dev/null || true
  wait "$command" || status=$?
  trap - HUP INT QUIT TERM
  if [[ -n $ended_by ]]; then
    wait "$command" || true
    kill -s "$ended_by" $$
  fi
  return "$status"
}

# Runs the Python tool named $1, of which $2 is said in a line, with the arguments that follow, after
# setting up what it needs: $setup_level of tools/setup, or else study. Does not return. Where that
# fails it ends with $setup_failure, or else 1.
run_python_tool() {
  local name=$1 usage=$2 argument
  shift 2
  export PYTHONPATH=$root/tools
  # Standard output may be a pipe; what programs say and what the tool says should stay in order.
  export PYTHONUNBUFFERED=1
  for argument in "$@"; do
    case $argument in
      --) break ;;
      -h | --help)
        # Any Python 3 can print the help; a machine that has none is not made to install one for it.
        if has_command python3; then
          exec python3 -m concurrency_report "$name" "$@"
        fi
        echo "$usage Python prints the whole help: run tools/setup first."
        exit 0
        ;;
    esac
  done
  # Package managers talk on standard output, which is for results, and may ask on standard input,
  # which may be a pipe to the tool.
  run_bound "$root/tools/setup" "${setup_level:-study}" >&2 </dev/null || exit "${setup_failure:-1}"
  exec "$root/.venv/bin/python" -m concurrency_report "$name" "$@"
}
