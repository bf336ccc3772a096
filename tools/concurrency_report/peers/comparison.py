"""Ratios of our figures to theirs, against what they should reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..estimate import Estimate, estimate, estimate_ratio
from ..results import Json
from .contest import Contest, Figures, Quantity
from .rounds import Outcome
from .setting import Missing


@dataclass(frozen=True)
class Row:
    """Medians over rounds; `ratio` is that of the ratios within each round."""

    contest: Contest
    quantity: Quantity
    ours: Estimate
    theirs: Estimate
    ratio: Estimate

    @property
    def reached(self) -> bool | None:
        return self.quantity.reached(self.ratio.value)


@dataclass(frozen=True)
class Comparison:
    """All that is known. `versions` are those of the peers that were here."""

    machine: str
    repetitions: int
    rows: Sequence[Row]
    failures: Sequence[tuple[Contest, str]]
    missing: Sequence[Missing]
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def rounds(self) -> str:
        return "of one round" if self.repetitions == 1 else f"medians of {self.repetitions} rounds"

    @property
    def status(self) -> int:
        return 1 if self.failures else 0

    @property
    def summary(self) -> str:
        asked = [row for row in self.rows if row.reached is not None]
        reached = sum(row.reached is True for row in asked)
        return f"{reached} of {len(asked)} targets reached" if asked else "no target was asked for"

    def to_json(self, context: Mapping[str, Json]) -> dict[str, Json]:
        return {
            "context": dict(context),
            "machine": self.machine,
            "versions": dict(self.versions),
            "repetitions": self.repetitions,
            "rows": [_row_to_json(row) for row in self.rows],
            "failures": [{"contest": each.name, "reason": why} for each, why in self.failures],
            "missing": [{"group": each.group, "reason": each.text} for each in self.missing],
        }


def rows_of(outcome: Outcome) -> list[Row]:
    """Of the quantities that both sides have."""
    rows = []
    for quantity in outcome.contest.quantities:
        ours, theirs = (_values(quantity, side) for side in (outcome.ours, outcome.theirs))
        ratio = estimate_ratio(ours, theirs)
        our_median, their_median = estimate(ours.values()), estimate(theirs.values())
        if ratio is not None and our_median is not None and their_median is not None:
            rows.append(Row(outcome.contest, quantity, our_median, their_median, ratio))
    return rows


def _values(quantity: Quantity, rounds: Mapping[int, Figures]) -> dict[int, float]:
    found = {index: quantity.metric.value(figures) for index, figures in rounds.items()}
    return {index: value for index, value in found.items() if value is not None}


def _row_to_json(row: Row) -> Json:
    return {
        "group": row.contest.group,
        "ours": row.contest.ours.name,
        "theirs": row.contest.theirs.name,
        "metric": row.quantity.metric.key,
        "ours_median": row.ours.value,
        "theirs_median": row.theirs.value,
        "ratio": row.ratio.value,
        "ratio_low": row.ratio.low,
        "ratio_high": row.ratio.high,
        "level": row.ratio.level,
        "rounds": row.ratio.samples,
        "bound": row.quantity.bound,
        "better": row.quantity.metric.better.value,
        "reached": row.reached,
    }
