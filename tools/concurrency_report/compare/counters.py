"""Our counters side by side, as compare.py does it with its two times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import geometric_mean, median

from ..bench import shown
from ..metrics import Better, direction_of
from .inputs import Results
from .matching import Matching

USUAL = ("user_s", "sys_s", "wall_s", "max_rss_kb")


@dataclass(frozen=True)
class Line:
    """A counter of a case: medians over its samples."""

    case: str
    counter: str
    old: float
    new: float

    @property
    def ratio(self) -> float | None:
        """New to old; None where either is zero, of which there is none."""
        return self.new / self.old if self.old > 0 and self.new > 0 else None


@dataclass(frozen=True)
class Mean:
    """The geometric mean of a counter's ratios, `of` so many cases."""

    counter: str
    ratio: float
    of: int


def all_counters(baseline: Results, contender: Results, matching: Matching) -> list[str]:
    """In the order in which they first appear."""
    return list(
        dict.fromkeys(
            counter
            for results in (baseline, contender)
            for name in matching.matched
            for row in results.samples(name)
            for counter in row.counters
        )
    )


def compare(
    baseline: Results, contender: Results, matching: Matching, counters: Sequence[str]
) -> tuple[list[Line], list[str]]:
    """And sentences about counters that are on one side only."""
    lines: list[Line] = []
    missing: list[str] = []
    for name in matching.matched:
        for counter in counters:
            old, new = (_median(results, name, counter) for results in (baseline, contender))
            if old is not None and new is not None:
                lines.append(Line(shown(name), counter, old, new))
            elif old is not None or new is not None:
                where = "baseline" if old is None else "contender"
                missing.append(f"Not compared: {counter} of {shown(name)}: none in the {where}.")
    return lines, missing


def means(lines: Sequence[Line]) -> list[Mean]:
    found = []
    for counter in dict.fromkeys(line.counter for line in lines):
        ratios = [
            line.ratio for line in lines if line.counter == counter and line.ratio is not None
        ]
        if ratios:
            found.append(Mean(counter, geometric_mean(ratios), len(ratios)))
    return found


def judged(counter: str, ratio: float | None) -> str:
    """In a word, by the direction in which this counter is better; of a difference as such: how
    sure it is, tools/regress tells."""
    better = direction_of(counter)
    if ratio is None or better is Better.NEITHER or abs(ratio - 1) < 0.0005:
        return ""
    return "better" if (ratio < 1) == (better is Better.LESS) else "worse"


def _median(results: Results, name: str, counter: str) -> float | None:
    values = [row.counters[counter] for row in results.samples(name) if counter in row.counters]
    return median(values) if values else None
