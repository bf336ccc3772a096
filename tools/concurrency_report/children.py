"""Child processes that an interruption reaches and that leave nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import IO

from .child_setup import child_setup

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_GRACE_S = 5


class Children:
    """Runs one child at a time. While this is entered, SIGINT, SIGTERM, SIGHUP and SIGQUIT end the
    child and are remembered in `interrupted_by` instead of ending this process.

    The child leads a process group of its own, so that it gets a signal once and not from the
    terminal as well, and so that whatever it has started is ended with it. It is asked with SIGINT
    first, and killed after a few seconds or at the next signal; on Linux also when this process is
    killed.
    """

    def __init__(self) -> None:
        self.interrupted_by: signal.Signals | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._asked = False
        self._raises = False
        self._previous: dict[signal.Signals, object] = {}

    def __enter__(self) -> Children:
        for number in _SIGNALS:
            self._previous[number] = signal.signal(number, self._on_signal)
        self._previous[signal.SIGALRM] = signal.signal(signal.SIGALRM, self._on_alarm)
        return self

    def __exit__(self, *_: object) -> None:
        signal.alarm(0)
        for number, handler in self._previous.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # as it was handed out

    def run(
        self,
        command: Sequence[str | Path],
        *,
        stdin: int | IO[bytes] = subprocess.DEVNULL,
        stdout: int | IO[bytes] | None = None,
        stderr: int | IO[bytes] | None = None,
        processors: Sequence[int] | None = None,
        meanwhile: Callable[[int], None] | None = None,
    ) -> int:
        """The exit status of the command, negative for the signal that ended it.

        `processors` are those it is kept on, None for any. `meanwhile` is called with its process
        id, over and over for as long as it runs; if it raises, the command is killed.
        """
        child = subprocess.Popen(
            command,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
            preexec_fn=child_setup(processors),
        )
        self._child = child
        self._asked = False
        # A signal may have come before there was a child to pass it on to.
        if self.interrupted_by is not None:
            self._ask()
        try:
            while meanwhile is not None and child.poll() is None:
                meanwhile(child.pid)
            return child.wait()
        finally:
            self._child = None
            signal.alarm(0)
            _signal_group(child.pid, signal.SIGKILL)
            child.wait()

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """For what takes long without a child: while this is entered, a signal is not only
        remembered, the first one raises KeyboardInterrupt as well."""
        try:
            self._raises = True
            yield
        finally:
            self._raises = False

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if self.interrupted_by is None:
            self.interrupted_by = signal.Signals(number)
        self._ask()
        if self._raises:
            self._raises = False
            raise KeyboardInterrupt

    def _on_alarm(self, _number: int, _frame: FrameType | None) -> None:
        if self._child is not None:
            _signal_group(self._child.pid, signal.SIGKILL)

    def _ask(self) -> None:
        if self._child is None:
            return
        _signal_group(self._child.pid, signal.SIGKILL if self._asked else signal.SIGINT)
        self._asked = True
        signal.alarm(_GRACE_S)


def _signal_group(group: int, number: signal.Signals) -> None:
    # macOS answers EPERM for a group of which only zombies are left.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
