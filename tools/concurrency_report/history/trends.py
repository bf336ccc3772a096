"""How a figure went over time, and where it changed for good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from otava.analysis import compute_change_points

from .measured import Configuration
from .store import Point, Store

# What a change must be at the least. The probability is that of a difference at least as great
# between two stretches that are alike; the size leaves out what is too small to matter, and is the
# smallest that tools/regress tells, too; the length lets no single odd result pass for a change.
_MOST_PROBABILITY = 0.001
_LEAST_CHANGE = 0.03
FEWEST_POINTS = 3
_WINDOW = 50


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
    found, _ = compute_change_points(
        list(values),
        window_len=_WINDOW,
        max_pvalue=_MOST_PROBABILITY,
        min_magnitude=_LEAST_CHANGE,
    )
    ends = [0, *(int(each.index) for each in found), len(values)]
    return [
        Change(int(each.index), float(each.stats.mean_1), float(each.stats.mean_2))
        for each, start, middle, end in zip(found, ends, ends[1:], ends[2:], strict=False)
        if min(middle - start, end - middle) >= FEWEST_POINTS
    ]
