"""How much memory a process and all that it starts take together, at the most."""

from __future__ import annotations

import re
import time
from pathlib import Path

_PROC = Path("/proc")
_PAUSE_S = 0.001
_PSS = re.compile(rb"^Pss:\s+(\d+) kB$", re.MULTILINE)


def is_available(proc: Path = _PROC) -> bool:
    """Whether this system tells proportional set sizes and children: most Linux kernels do."""
    own = proc / "self"
    return (own / "smaps_rollup").exists() and any(own.glob("task/*/children"))


class TreeMemory:
    """The greatest sum, so far, of the proportional set sizes of a process and its descendants.

    Proportional: a page that several processes share counts for each of them in part, for all of
    them once. Resident set sizes added up would count it again for each process that was forked.
    Pages that others share too, such as those of a library that the origin uses as well, count in
    part.
    """

    def __init__(self, proc: Path = _PROC) -> None:
        self._proc = proc
        self.peak_kb: int | None = None
        self.looks = 0

    def look(self, process: int) -> None:
        """Adds up once and pauses for a moment, so that a loop of it leaves time to others."""
        total_kb = sum(pss_kb(each, self._proc) for each in process_tree(process, self._proc))
        if total_kb > 0:
            self.peak_kb = max(self.peak_kb or 0, total_kb)
            self.looks += 1
        time.sleep(_PAUSE_S)


def process_tree(process: int, proc: Path = _PROC) -> list[int]:
    """The process and its descendants, those of any of its threads; zombies among them."""
    found = [process]
    for parent in found:
        threads = proc / str(parent) / "task"
        for thread in _names(threads):
            found.extend(map(int, _read(threads / thread / "children").split()))
    return found


def pss_kb(process: int, proc: Path = _PROC) -> int:
    """The proportional set size; 0 for a process that is a zombie or gone."""
    found = _PSS.search(_read(proc / str(process) / "smaps_rollup"))
    return int(found[1]) if found else 0


def _names(folder: Path) -> list[str]:
    """Nothing of a process that is gone meanwhile."""
    try:
        return [entry.name for entry in folder.iterdir()]
    except OSError:
        return []


def _read(path: Path) -> bytes:
    """The same."""
    try:
        return path.read_bytes()
    except OSError:
        return b""
