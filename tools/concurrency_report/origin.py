"""The origin that all samples of a study fetch from: a process of its own, started once."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO

from .child_setup import child_setup

_WATCHDOG_S = 60
_GRACE_S = 5
_GLANCE_S = 0.1


class OriginError(Exception):
    """The origin did not start; its text is one line."""


class Origin:
    """Runs while it is entered; the file `authority` has its certificate authority then. It leaves
    by itself when this process is gone, because its standard input ends then.

    `processors` are those it is kept on, None for any. `interrupted` is asked while it starts.
    `arguments` are more of the program's own.
    """

    def __init__(
        self,
        program: Path,
        processors: Sequence[int] | None,
        interrupted: Callable[[], bool],
        arguments: Sequence[str] = (),
    ) -> None:
        self._program = program
        self._arguments = arguments
        self._processors = processors
        self._interrupted = interrupted
        self._ports: dict[str, int] = {}

    def __enter__(self) -> Origin:
        self._folder = tempfile.TemporaryDirectory(prefix="origin-")
        self.authority = Path(self._folder.name) / "ca.pem"
        self._errors: IO[bytes] = tempfile.TemporaryFile()
        try:
            self._process = subprocess.Popen(
                [self._program, "--ca-file", self.authority, *self._arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                start_new_session=True,
                preexec_fn=child_setup(self._processors),
            )
        except OSError as error:
            self._clean_up()
            raise OriginError(f"{self._program}: cannot be run: {error.strerror}") from error
        try:
            self._await_ports()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._stop()

    def port(self, scheme: str) -> int:
        """Of "http" or "https"."""
        return self._ports[scheme]

    def options(self, scheme: str) -> list[str]:
        """What makes bench fetch from it by "http" or "https"."""
        url = f"{scheme}://127.0.0.1:{self._ports[scheme]}"
        return ["--origin", url, *(["--ca", str(self.authority)] if scheme == "https" else [])]

    def _await_ports(self) -> None:
        """Its first two lines are "https_port N" and "http_port N", its authority the rest."""
        out = self._process.stdout
        assert out is not None
        said = b""
        until = time.monotonic() + _WATCHDOG_S
        while b"END CERTIFICATE" not in said:
            if self._interrupted():
                raise OriginError("interrupted while the origin started")
            if time.monotonic() > until:
                raise OriginError(f"{self._program}: was not ready within {_WATCHDOG_S} s")
            if not select.select([out], [], [], _GLANCE_S)[0]:
                continue
            piece = os.read(out.fileno(), 65536)
            if not piece:
                raise OriginError(f"{self._program}: ended too early: {self._complaint()}")
            said += piece
        for line in said.decode(errors="replace").splitlines()[:2]:
            scheme, _, port = line.partition("_port ")
            if port.isdecimal():
                self._ports[scheme] = int(port)
        if set(self._ports) != {"http", "https"}:
            raise OriginError(f"{self._program}: did not tell its ports: is it the suite's origin?")

    def _complaint(self) -> str:
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "without a word")

    def _stop(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self._process.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._clean_up()

    def _clean_up(self) -> None:
        self._errors.close()
        self._folder.cleanup()
