"""What a process holds, as Linux tells it in /proc."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import IO

from .memory import process_tree, pss_kb

_PROC = Path("/proc")
_SETTLE_PAUSE_S = 0.05
_SETTLE_READINGS = 3
_SETTLE_LIMIT_S = 10


@dataclass(frozen=True)
class Holdings:
    """Of one process; `children` are all its descendants, `zombies` those of them that ended but
    were not reaped. `anonymous_kb` is the part of the resident set that no file stands behind: heap
    and stacks."""

    descriptors: int
    threads: int
    children: int
    zombies: int
    rss_kb: int
    pss_kb: int
    anonymous_kb: int
    children_pss_kb: int

    @property
    def counts(self) -> tuple[int, ...]:
        return (self.descriptors, self.threads, self.children, self.zombies)


@dataclass(frozen=True)
class Sample:
    """bench and its origin at one moment. The origin is not counted among bench's children."""

    bench: Holdings
    origin: Holdings

    @property
    def counts(self) -> tuple[int, ...]:
        return self.bench.counts + self.origin.counts


class Watch:
    """Looks at a bench and the origin that it has started."""

    def __init__(self, bench: int, proc: Path = _PROC) -> None:
        self._bench = bench
        self._proc = proc
        self._origin: int | None = None

    def look(self) -> Sample | None:
        """None while there is no origin yet, and once either is gone."""
        tree = process_tree(self._bench, self._proc)
        if self._origin is None:
            self._origin = next((each for each in tree if self._name(each) == "origin"), None)
            if self._origin is None:
                return None
        of_origin = process_tree(self._origin, self._proc)
        try:
            return Sample(
                self._holdings([each for each in tree if each not in of_origin]),
                self._holdings(of_origin),
            )
        except (OSError, LookupError, ValueError):
            return None

    def look_at_rest(self, until: Callable[[], bool]) -> Sample | None:
        """Once nothing is opened, closed, begun or ended any more: the other side of a connection
        may need a moment to see that it was closed. `until` is asked whether to give up."""
        last: Sample | None = None
        same = 0
        end = time.monotonic() + _SETTLE_LIMIT_S
        while same < _SETTLE_READINGS and time.monotonic() < end and not until():
            sample = self.look()
            if sample is None:
                return None
            same = same + 1 if last is not None and sample.counts == last.counts else 1
            last = sample
            time.sleep(_SETTLE_PAUSE_S)
        return last

    def _name(self, process: int) -> str:
        try:
            return (self._proc / str(process) / "comm").read_text().strip()
        except OSError:
            return ""

    def _holdings(self, processes: Sequence[int]) -> Holdings:
        """Of the first, whose descendants are the others."""
        process, *children = processes
        folder = self._proc / str(process)
        status = _fields(folder / "status")
        memory = _fields(folder / "smaps_rollup")
        return Holdings(
            descriptors=sum(1 for _ in (folder / "fd").iterdir()),
            threads=status["Threads"],
            children=len(children),
            zombies=sum(self._is_zombie(each) for each in children),
            rss_kb=memory["Rss"],
            pss_kb=memory["Pss"],
            anonymous_kb=memory["Anonymous"],
            children_pss_kb=sum(pss_kb(each, self._proc) for each in children),
        )

    def _is_zombie(self, process: int) -> bool:
        """The state stands after the name, in which anything may be."""
        try:
            stat = (self._proc / str(process) / "stat").read_text(errors="replace")
        except OSError:
            return False
        return stat.rpartition(")")[2].split()[:1] == ["Z"]


class SampleFile:
    """Samples as CSV. Each line is with the system when it has been added, so that it is kept
    however this process ends."""

    def __init__(self, path: Path) -> None:
        self._file: IO[str] = path.open("w", buffering=1, encoding="utf-8", newline="")
        self._writer = csv.writer(self._file, lineterminator="\n")
        self._writer.writerow(COLUMNS)

    def add(self, seconds: float, number: int, faulty: bool, at_rest: bool, sample: Sample) -> None:
        self._writer.writerow(
            [
                *(f"{seconds:.3f}", number, int(faulty), int(at_rest)),
                *(*astuple(sample.bench), *astuple(sample.origin)),
            ]
        )

    def close(self) -> None:
        self._file.close()


COLUMNS: Sequence[str] = (
    *("seconds", "pass", "faulty", "at_rest"),
    *(f"{who}_{field.name}" for who in ("bench", "origin") for field in fields(Holdings)),
)


def read_samples(path: Path) -> list[dict[str, float]]:
    """Whole lines only: the last may have been cut off."""
    whole = path.read_text(encoding="utf-8").rpartition("\n")[0].splitlines()
    return [{key: float(value) for key, value in row.items()} for row in csv.DictReader(whole)]


def _fields(path: Path) -> dict[str, int]:
    """ "Rss:  123 kB" and the like; lines without a number are left out."""
    found = {}
    for line in path.read_text(errors="replace").splitlines():
        key, colon, value = line.partition(":")
        number = value.split()[:1]
        if colon and number and number[0].isdecimal():
            found[key] = int(number[0])
    return found
