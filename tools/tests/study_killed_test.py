"""tools/study ended from outside, in a terminal, with the real bench and the real origin."""

from __future__ import annotations

import ctypes
import json
import os
import pty
import random
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from concurrency_report.results import read

_TOOLS = Path(__file__).resolve().parents[1]
_BENCH = _TOOLS.parent / "build" / "bench"
_PR_SET_CHILD_SUBREAPER = 36
_WATCHDOG_S = 120

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="needs Linux, which adopts orphans"),
    pytest.mark.skipif(not _BENCH.exists(), reason=f"needs {_BENCH}: run tools/build"),
]


def _comes_true(condition: Callable[[], bool]) -> bool:
    until = time.monotonic() + _WATCHDOG_S
    while not condition():
        if time.monotonic() > until:
            return False
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
    """Orphans become this process's children, and what it returns tells when none is left."""
    prctl = ctypes.CDLL(None).prctl
    before = set(_descendants(os.getpid()))
    assert prctl(_PR_SET_CHILD_SUBREAPER, 1) == 0

    def reap() -> bool:
        left = set(_descendants(os.getpid())) - before
        for child in left:
            try:
                os.waitpid(child, os.WNOHANG)
            except ChildProcessError:
                continue  # somebody else's
        return not left

    yield lambda: _comes_true(reap)
    for orphan in set(_descendants(os.getpid())) - before:
        os.kill(orphan, signal.SIGKILL)
    assert prctl(_PR_SET_CHILD_SUBREAPER, 0) == 0


class _Study:
    """The study under way in a terminal: one quick case, then one that takes for ever."""

    def __init__(self, results: Path) -> None:
        self.results = results
        self._ours, self._theirs = pty.openpty()
        self._settings = termios.tcgetattr(self._theirs)
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "concurrency_report", "study", "--bench", str(_BENCH)),
                *("--results", str(results), "--rounds", "1", "--seed", _seed()),
                *("--cases", "^(io_sequential|cpu_processes)/", "--fibonacci", "50:50:2"),
                *("--latency-scale", "0"),
            ],
            cwd=_TOOLS,
            env=os.environ | {"TERM": "xterm-256color"},
            stdin=self._theirs,
            stdout=subprocess.DEVNULL,
            stderr=self._theirs,
        )

    def journal(self) -> list[bytes]:
        """Its whole lines, the first of which tells what the study is."""
        found = list(self.results.glob("*/samples.jsonl"))
        return found[0].read_bytes().split(b"\n")[:-1] if found else []

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


def _has_started(_study: _Study) -> bool:
    return True


def _starts_origin(study: _Study) -> bool:
    return "origin" in _programs(study.process.pid)


def _has_sample(study: _Study) -> bool:
    return len(study.journal()) > 1


def _has_workers(study: _Study) -> bool:
    # bench itself, and two that compute.
    return _has_sample(study) and _programs(study.process.pid).count("bench") >= 3


_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL)
_MOMENTS = (_has_started, _starts_origin, _has_sample, _has_workers)


@pytest.mark.parametrize(
    ("moment", "number"),
    [
        (moment, number)
        for moment in _MOMENTS
        for number in _SIGNALS
        # Python may lose an interrupt while it starts: one that comes in a destructor is ignored.
        if (moment, number) != (_has_started, signal.SIGINT)
    ],
)
def test_nobody_is_left_and_what_ran_is_kept(
    tmp_path: Path,
    adopted: Callable[[], bool],
    moment: Callable[[_Study], bool],
    number: signal.Signals,
) -> None:
    study = _Study(tmp_path / "results")
    assert _comes_true(lambda: moment(study))
    study.process.send_signal(number)
    status = study.process.wait(_WATCHDOG_S)
    assert adopted()
    shown = study.check_terminal()
    # Python ends itself by the signal while it still starts.
    assert status in (-number, 128 + number)
    samples = [json.loads(line) for line in study.journal()][1:]
    if moment in (_has_sample, _has_workers):
        assert [each["name"] for each in samples] == ["io_sequential/real_time"]
        if number != signal.SIGKILL:
            assert "to go on: tools/study --resume" in shown
    for document in study.results.glob("*/results.json"):
        read(document)
