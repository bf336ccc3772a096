"""tools/study ended from outside, in a terminal, with the real bench and the real origin."""

from __future__ import annotations

import ctypes
import json
import os
import pty
import random
import resource
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from concurrency_report.results import read

_TOOLS = Path(__file__).resolve().parents[1]
_BENCH = _TOOLS.parent / "build" / "bench"
_PR_SET_CHILD_SUBREAPER = 36
_WATCHDOG_S = 120
# Two seconds are promised, and some hundredths are what it takes; a machine may be busy.
_ORPHANS_WATCHDOG_S = 10

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="needs Linux, which adopts orphans"),
    pytest.mark.skipif(not _BENCH.exists(), reason=f"needs {_BENCH}: run tools/build"),
]


def _comes_true(condition: Callable[[], bool], watchdog_s: float = _WATCHDOG_S) -> bool:
    until = time.monotonic() + watchdog_s
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.001)  # the processor is theirs who are waited for
    return True


def _descendants(process: int) -> list[int]:
    """Those that main threads have started."""
    found = [process]
    for parent in found:
        try:
            children = Path(f"/proc/{parent}/task/{parent}/children").read_text()
        except OSError:
            continue  # gone meanwhile
        found.extend(map(int, children.split()))
    return found[1:]


def _programs(process: int) -> list[str]:
    names = []
    for each in _descendants(process):
        try:
            names.append(Path(f"/proc/{each}/comm").read_text().strip())
        except OSError:
            continue
    return names


@pytest.fixture
def adopted() -> Iterator[Callable[[], bool]]:
    """Orphans become this process's children, and what it returns tells when none is left. No core
    file is, either: SIGQUIT asks for one."""
    prctl = ctypes.CDLL(None).prctl
    before = set(_descendants(os.getpid()))
    assert prctl(_PR_SET_CHILD_SUBREAPER, 1) == 0
    cores = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, cores[1]))

    def reap() -> bool:
        left = set(_descendants(os.getpid())) - before
        for child in left:
            try:
                os.waitpid(child, os.WNOHANG)
            except ChildProcessError:
                continue  # somebody else's
        return not left

    yield lambda: _comes_true(reap, _ORPHANS_WATCHDOG_S)
    resource.setrlimit(resource.RLIMIT_CORE, cores)
    for orphan in set(_descendants(os.getpid())) - before:
        os.kill(orphan, signal.SIGKILL)
    assert prctl(_PR_SET_CHILD_SUBREAPER, 0) == 0


def _heed_signals() -> None:
    """What ignores them hands that on: nohup, and shells to what they run in the background."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)


_FROM_PYTHON = (sys.executable, "-m", "concurrency_report", "study")
_FROM_WRAPPER = (str(_TOOLS / "study"),)


class _Study:
    """The study under way in a terminal, with one quick case and then one that takes for ever if
    there are no other options."""

    def __init__(self, results: Path, *options: str, command: Sequence[str] = _FROM_PYTHON) -> None:
        self.results = results
        self.printed = results.with_name("printed")
        self._ours, self._theirs = pty.openpty()
        self._settings = termios.tcgetattr(self._theirs)
        with self.printed.open("wb") as printed:
            self.process = subprocess.Popen(
                [*command, "--results", str(results), *(options or _ENDLESS)],
                cwd=_TOOLS,
                env=os.environ | {"TERM": "xterm-256color"},
                stdin=self._theirs,
                stdout=printed,
                stderr=self._theirs,
                preexec_fn=_heed_signals,
            )

    def journal(self) -> list[bytes]:
        """Its whole lines, the first of which tells what the study is."""
        found = list(self.results.glob("*/samples.jsonl"))
        return found[0].read_bytes().split(b"\n")[:-1] if found else []

    def samples(self) -> list[str]:
        """The cases of all that were taken."""
        entries = [json.loads(line) for line in self.journal()[1:]]
        return [entry["name"] for entry in entries if "name" in entry]

    def reach(self, moment: Callable[[_Study], bool]) -> None:
        assert _comes_true(lambda: moment(self))

    def end_by(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(_WATCHDOG_S)

    def check_terminal(self) -> str:
        """All that it was shown."""
        assert termios.tcgetattr(self._theirs) == self._settings
        shown = b""
        while select.select([self._ours], [], [], 0)[0]:
            shown += os.read(self._ours, 65536)
        os.close(self._ours)
        os.close(self._theirs)
        # The cursor is there, and no colour stays.
        assert shown.rfind(b"\x1b[?25h") >= shown.rfind(b"\x1b[?25l")
        assert shown.rfind(b"\x1b[0m") >= max(shown.rfind(b"\x1b[3"), shown.rfind(b"\x1b[1;"))
        return shown.decode()


def _seed() -> str:
    """With which the quick case, listed first, is taken first."""
    return next(str(n) for n in range(100) if random.Random(n).sample([0, 1], 2)[0] == 0)


_ENDLESS = (
    *("--bench", str(_BENCH), "--rounds", "1", "--seed", _seed()),
    *("--cases", "^(io_sequential|cpu_processes)/", "--fibonacci", "50:50:2"),
    *("--latency-scale", "0"),
)

_QUICK = (
    *("--bench", str(_BENCH), "--cases", "^cpu_sequential/", "--fibonacci", "5:6:1"),
    "--benchmark_min_time=0",
)


def _has_started(_study: _Study) -> bool:
    return True


def _sets_up(study: _Study) -> bool:
    return "bash" in _programs(study.process.pid)  # what the wrapper runs before the study


def _starts_origin(study: _Study) -> bool:
    return "origin" in _programs(study.process.pid)


def _has_sample(study: _Study) -> bool:
    return len(study.journal()) > 1


def _has_workers(study: _Study) -> bool:
    # bench itself, and two that compute.
    return _has_sample(study) and _programs(study.process.pid).count("bench") >= 3


def _is_between_samples(study: _Study) -> bool:
    return _has_sample(study) and "bench" not in _programs(study.process.pid)


def _draws_report(study: _Study) -> bool:
    """The table is printed before the report is drawn."""
    return study.printed.read_bytes().count(b"\n") > 1


_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGKILL)
_MOMENTS = (_has_started, _starts_origin, _has_sample, _has_workers)


@pytest.mark.parametrize(
    ("moment", "number"),
    [
        (moment, number)
        for moment in _MOMENTS
        for number in _SIGNALS
        # Python may lose an interrupt while it starts: one that comes in a destructor is ignored.
        if (moment, number) != (_has_started, signal.SIGINT)
        # Once Python runs, it is handled as the three before it.
        and (number != signal.SIGQUIT or moment in (_has_started, _has_workers))
    ],
)
def test_nobody_is_left_and_what_ran_is_kept(
    tmp_path: Path,
    adopted: Callable[[], bool],
    moment: Callable[[_Study], bool],
    number: signal.Signals,
) -> None:
    study = _Study(tmp_path / "results")
    study.reach(moment)
    status = study.end_by(number)
    assert adopted()
    shown = study.check_terminal()
    # Python ends itself by the signal while it still starts.
    assert status in (-number, 128 + number)
    if moment in (_has_sample, _has_workers):
        assert study.samples() == ["io_sequential/real_time"]
        if number != signal.SIGKILL:
            assert "to go on: tools/study --resume" in shown
    for document in study.results.glob("*/results.json"):
        read(document)


def test_gone_on_with_it_can_be_killed_again(tmp_path: Path, adopted: Callable[[], bool]) -> None:
    options: tuple[str, ...] = ()
    for number in (signal.SIGKILL, signal.SIGQUIT, signal.SIGKILL):
        study = _Study(tmp_path / "results", *options)
        study.reach(_has_workers)
        assert study.end_by(number) in (-number, 128 + number)
        assert adopted()
        study.check_terminal()
        assert study.samples() == ["io_sequential/real_time"]
        options = ("--resume",)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_between_two_samples(
    tmp_path: Path, adopted: Callable[[], bool], number: signal.Signals
) -> None:
    study = _Study(tmp_path / "results", *_QUICK, "--rounds", "1000")
    study.reach(_is_between_samples)
    assert study.end_by(number) in (-number, 128 + number)
    assert adopted()
    study.check_terminal()
    assert set(study.samples()) == {"cpu_sequential/real_time"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_while_the_report_is_drawn(
    tmp_path: Path, adopted: Callable[[], bool], number: signal.Signals
) -> None:
    study = _Study(tmp_path / "results", *_QUICK, "--rounds", "1")
    study.reach(_draws_report)
    assert study.end_by(number) in (-number, 128 + number)
    assert adopted()
    shown = study.check_terminal()
    assert study.samples()
    assert b"finished" not in study.journal()[-1]
    assert not list(study.results.glob("*/report.html"))
    if number != signal.SIGKILL:
        assert f"interrupted by {number.name} while the report was drawn; to go on: " in shown
        assert not list(study.results.rglob("*.part"))
    (results,) = study.results.glob("*/results.json")
    read(results)


@pytest.mark.parametrize(
    ("moment", "number"),
    [(_sets_up, signal.SIGTERM), (_has_workers, signal.SIGKILL)],
)
def test_as_the_program_that_users_run(
    tmp_path: Path,
    adopted: Callable[[], bool],
    moment: Callable[[_Study], bool],
    number: signal.Signals,
) -> None:
    study = _Study(tmp_path / "results", command=_FROM_WRAPPER)
    study.reach(moment)
    assert study.end_by(number) in (-number, 128 + number)
    assert adopted()
    study.check_terminal()
    assert study.samples() == ([] if moment is _sets_up else ["io_sequential/real_time"])
