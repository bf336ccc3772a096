"""How a figure went over time, and where it changed for good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from otava.analysis import TTestSignificanceTester, compute_change_points, merge

from .measured import Configuration
from .store import Point, Store

# What a change must be at the least. The probability is that of a difference at least as great
# between two stretches that are alike; the size leaves out what is too small to matter, and is the
# smallest that tools/regress tells, too; the length lets no single odd result pass for a change.
_MOST_PROBABILITY = 0.001
_LEAST_CHANGE = 0.03
FEWEST_POINTS = 3
_WINDOW = 50
_TESTER = TTestSignificanceTester(_MOST_PROBABILITY)
Split = Any  # a ChangePoint[TTestStats] of Otava's, which has no types


@dataclass(frozen=True)
class Change:
    """The figure's mean was `before` up to the point before `index`, and has been `after` since,
    each until the next change."""

    index: int
    before: float
    after: float

    @property
    def relative(self) -> float | None:
        """0.1 for a tenth more; None where there was nothing before."""
        return None if self.before == 0 else self.after / self.before - 1


@dataclass(frozen=True)
class Trend:
    """One case's figure for one metric, on one machine and build with one workload."""

    case: str
    metric: str
    points: Sequence[Point]
    changes: Sequence[Change]


@dataclass(frozen=True)
class ConfigurationTrends:
    configuration: Configuration
    results: int
    latest: str  # when the last of them was measured, as Measured.date
    trends: Sequence[Trend]


def trends_of(store: Store, metrics: Sequence[str]) -> list[ConfigurationTrends]:
    """The configuration that was measured last stands first. What was measured on different
    machines, builds or workloads never meets."""
    dates: dict[Configuration, list[str]] = {}
    for kept in store.kept():
        dates.setdefault(kept.configuration, []).append(kept.date)
    return [
        ConfigurationTrends(
            configuration,
            len(found),
            found[-1],
            [
                Trend(case, metric, points, changes_in([point.value for point in points]))
                for (case, metric), points in store.series(configuration, metrics).items()
            ],
        )
        for configuration, found in sorted(
            dates.items(), key=lambda entry: entry[1][-1], reverse=True
        )
    ]


def changes_in(values: Sequence[float]) -> list[Change]:
    """By the method of Hunter (Fleming et al., https://doi.org/10.1145/3578244.3583719) as Apache
    Otava has it."""
    if len(values) < 2 * FEWEST_POINTS:
        return []
    values = list(values)
    found, _ = compute_change_points(
        values,
        window_len=_WINDOW,
        max_pvalue=_MOST_PROBABILITY,
        min_magnitude=_LEAST_CHANGE,
    )
    found = _tested(found, values)
    while (shortest := _shortest(found, len(values)))[1] < FEWEST_POINTS:
        found = _joined(found, shortest[0], values)
    return [
        Change(int(each.index), float(each.stats.mean_1), float(each.stats.mean_2))
        for each in found
    ]


def _ends(found: Sequence[Split], of: int) -> list[int]:
    return [0, *(int(each.index) for each in found), of]


def _shortest(found: Sequence[Split], of: int) -> tuple[int, int]:
    """The place of the shortest stretch, and its length."""
    lengths = [end - start for start, end in pairwise(_ends(found, of))]
    return min(enumerate(lengths), key=lambda each: each[1])


def _joined(found: list[Split], place: int, values: Sequence[float]) -> list[Split]:
    """The stretch at `place` becomes part of the neighbour that it is nearer to, or of both where
    these are alike without it: what went there and back, or is the last yet, is no change. What is
    left is tested again."""
    ends = _ends(found, len(values))
    beside = found[max(place - 1, 0) : place + 1]
    gone = beside
    if len(beside) == 2:
        before, after = (
            values[ends[place - 1] : ends[place]],
            values[ends[place + 1] : ends[place + 2]],
        )
        stats = _TESTER.compare(before, after)
        if stats.pvalue < _MOST_PROBABILITY and stats.change_magnitude() > _LEAST_CHANGE:
            gone = [min(beside, key=lambda each: abs(each.stats.mean_2 - each.stats.mean_1))]
    left = [each for each in found if each not in gone]
    return _tested(left, values)


def _tested(found: Sequence[Split], values: Sequence[float]) -> list[Split]:
    """Those that are changes still. Otava leaves out the weakest, one after another, but does not
    look anew at the one before it, whose right side has become longer."""
    while True:
        intervals = _TESTER.get_intervals(found)
        anew = [_TESTER.change_point(each.to_candidate(), values, intervals) for each in found]
        found = merge(list(anew), values, _MOST_PROBABILITY, _LEAST_CHANGE)
        if len(found) == len(anew):
            return anew
