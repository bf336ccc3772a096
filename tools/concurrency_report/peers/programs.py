"""Runs programs of others, one at a time, and tells what each took of the processors."""

from __future__ import annotations

import resource
import shutil
import signal
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..children import Children
from .contest import PROGRAM_CPU, PROGRAM_WALL, Figures, PeerError


@dataclass(frozen=True)
class Ended:
    """`cpu_s` is that of the program and of what it started and reaped."""

    output: str
    wall_s: float
    cpu_s: float

    @property
    def figures(self) -> Figures:
        """From start to end, not of the run alone that a program measures within itself."""
        return {PROGRAM_WALL.key: self.wall_s, PROGRAM_CPU.key: self.cpu_s}


class Programs:
    """`children` must run no other while one of these runs; children that are not reaped meanwhile,
    as the origin, count nothing."""

    def __init__(self, children: Children) -> None:
        self._children = children

    def run(self, command: Sequence[str | Path], statuses: Sequence[int] = (0,)) -> Ended:
        """Throws PeerError where the program cannot be run, or ends with another status."""
        name = Path(command[0]).name
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            before, started = _children_cpu_s(), time.monotonic()
            try:
                status = self._children.run(command, stdout=out, stderr=err)
            except OSError as error:
                raise PeerError(f"{name}: cannot be run: {error.strerror}") from error
            wall_s, cpu_s = time.monotonic() - started, _children_cpu_s() - before
            out.seek(0)
            err.seek(0)
            output = out.read().decode(errors="replace")
            said = err.read().decode(errors="replace").split("\n")
        if status not in statuses:
            last = next((line.strip() for line in reversed(said) if line.strip()), "")
            raise PeerError(f"{name}: {last or _ending(status)}")
        return Ended(output, wall_s, cpu_s)


def is_there(name: str) -> bool:
    return shutil.which(name) is not None


def _ending(status: int) -> str:
    if status < 0:
        return f"was ended by {signal.Signals(-status).name}"
    return f"ended with exit status {status}"


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
