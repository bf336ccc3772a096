"""What one part's runs come to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from ..metrics import CPU, WALL
from .parts import PARTS, Part

Run = Mapping[str, Any]
TIMES = (WALL.title, CPU.title)
_MOST_DROPPED = 1 / 3
"""Of a run's pairs, or the machine was not idle: a minute of pairs is what is asked for."""
_REGRESSED = "regressed"
_CANNOT_TELL = "can't tell"


@dataclass(frozen=True)
class Power:
    """In how many of `runs` a case was red: by metric, and in wall or CPU time at all. `changes`
    are the medians of the runs' estimates, by metric, None where no run has one."""

    case: str
    by_metric: Mapping[str, int]
    either_time: int
    runs: int
    changes: Mapping[str, float | None]


@dataclass(frozen=True)
class Found:
    part: Part
    runs: Sequence[Run]

    @property
    def counted(self) -> Sequence[Run]:
        return [run for run in self.runs if counts(self.part, run)]

    @property
    def not_counted(self) -> Sequence[Run]:
        return [run for run in self.runs if not counts(self.part, run)]

    @property
    def statuses(self) -> Counter[int]:
        return Counter(run["exit_status"] for run in self.counted)

    @property
    def hits(self) -> int:
        """Runs that count, were red, and named at least one of the slower cases in wall or CPU
        time, and no case that is not slower in any metric. Where none is slower there can be no
        such run."""
        return sum(map(self._is_hit, self.counted))

    @property
    def hits_of_all(self) -> int:
        """Hits that named each of the slower cases in wall or CPU time."""
        return sum(
            self._is_hit(run) and self._slower(row["case"] for row in run["rows"]) <= _slow(run)
            for run in self.counted
        )

    @property
    def undecided(self) -> float:
        """The share of rows that cannot be told, over all runs that count and have any."""
        shares = [undecided(run) for run in self.counted if run["rows"]]
        return sum(shares) / max(1, len(shares))

    @property
    def false_alarms(self) -> Sequence[Run]:
        """Red runs where nothing is slower, whether they count or not."""
        return [run for run in self.runs if not self.part.cases and run["exit_status"] == 1]

    @property
    def holds(self) -> bool | None:
        """None as long as fewer runs count than it takes."""
        runs = len(self.counted)
        if runs < self.part.runs:
            return None
        scale = self.part.runs / runs
        part = self.part
        return (
            scale * len(self.false_alarms) <= part.most_red
            and scale * self.hits >= part.fewest_hits
            and (part.most_undecided is None or self.undecided <= part.most_undecided)
        )

    @property
    def power(self) -> list[Power]:
        """Of all cases, those that are not slower too, in runs that count."""
        rows = [(index, row) for index, run in enumerate(self.counted) for row in run["rows"]]
        there: dict[str, set[int]] = {}
        metrics: dict[str, Counter[str]] = {}
        either: dict[str, set[int]] = {}
        changes: dict[str, dict[str, list[float]]] = {}
        for index, row in rows:
            case, metric = row["case"], row["metric"]
            is_red = row["verdict"] == _REGRESSED
            there.setdefault(case, set()).add(index)
            metrics.setdefault(case, Counter())[metric] += is_red
            estimates = changes.setdefault(case, {}).setdefault(metric, [])
            if row["change"] is not None:
                estimates.append(row["change"])
            if is_red and metric in TIMES:
                either.setdefault(case, set()).add(index)
        return [
            Power(
                *(case, metrics[case], len(either.get(case, ())), len(runs)),
                {metric: median(each) if each else None for metric, each in changes[case].items()},
            )
            for case, runs in there.items()
        ]

    @property
    def dropped(self) -> Counter[str]:
        """Pairs that were dropped, by reason."""
        found: Counter[str] = Counter()
        for run in self.runs:
            found.update(run["pairs_dropped"])
        return found

    def is_slower(self, case: str) -> bool:
        return case.startswith(tuple(self.part.cases))

    def _slower(self, cases: Iterable[str]) -> set[str]:
        return {case for case in cases if self.is_slower(case)}

    def _is_hit(self, run: Run) -> bool:
        is_right = all(map(self.is_slower, red_cases(run)))
        return run["exit_status"] == 1 and is_right and bool(self._slower(_slow(run)))


def found_in(entries: Iterable[Run]) -> list[Found]:
    by_part: dict[str, list[Run]] = {part.name: [] for part in PARTS}
    for entry in entries:
        by_part[entry["part"]].append(entry)
    return [Found(part, by_part[part.name]) for part in PARTS if by_part[part.name]]


def counts(part: Part, run: Run) -> bool:
    """Whether it is one of the part's runs: not if the machine was not idle, unless it is not meant
    to be; nor without any row where nothing is slower, for that says nothing of how often one is
    wrong."""
    if part.busy:
        return True
    dropped = sum(run["pairs_dropped"].values())
    was_idle = dropped <= _MOST_DROPPED * (run["pairs_taken"] + dropped)
    return was_idle and bool(part.cases or run["rows"])


def undecided(run: Run) -> float:
    """The share of its rows that cannot be told."""
    rows = run["rows"]
    return sum(1 for row in rows if row["verdict"] == _CANNOT_TELL) / max(1, len(rows))


def red_cases(run: Run) -> set[str]:
    return {case for case, _ in _red(run)}


def reasons(run: Run) -> str:
    """Why a run ended with 3, in words. Of a remark its first sentence: what follows is advice to
    who ran it, and may name files of one machine."""
    if run["incomparable"]:
        return str(run["incomparable"])
    failed = [f"{each['case']} failed in {each['side']}" for each in run["failures"]]
    remarks = [str(each).partition(". ")[0].removesuffix(".") + "." for each in run["remarks"]]
    return " ".join(remarks) or ", ".join(failed) or "Too many rows can't be told."


def _slow(run: Run) -> set[str]:
    """Cases that it called slower, in wall or CPU time."""
    return {case for case, metric in _red(run) if metric in TIMES}


def _red(run: Run) -> Iterator[tuple[str, str]]:
    for row in run["rows"]:
        if row["verdict"] == _REGRESSED:
            yield row["case"], row["metric"]
