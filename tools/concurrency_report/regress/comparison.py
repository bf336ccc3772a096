"""What a comparison of two builds found, in figures that people read."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from ..results import Json
from .decision import LEAST_CHANGE, Verdict
from .sampling import Failure

REGRESSED = 1
CANT_TELL = 3
# More of all rows, and a comparison as a whole does not tell enough to pass.
MOST_UNDECIDED = 0.1


class Obstacle(StrEnum):
    """Why a comparison can't tell. Noise is the machine's, another try may do; all else is what
    was compared."""

    INCOMPARABLE = "incomparable"
    FAILURE = "failure"
    UNMEASURED = "not measured"
    NOISE = "noise"


WORDS = {
    Verdict.REGRESSED: "regressed",
    Verdict.IMPROVED: "improved",
    Verdict.NO_CHANGE: "no change",
    Verdict.CANT_TELL: "can't tell",
    Verdict.ABSENT: "not measured",
}


@dataclass(frozen=True)
class Row:
    """A metric of a case. Changes are relative, head to base, 0.05 for 5 % more; the interval is at
    95 % by itself, without regard to other rows. `pairs` are those it was judged by; `change` is
    None where it has none. `is_lost` is whether it was measured, but not each time on both sides:
    what neither side has is no loss."""

    case: str
    metric: str
    verdict: Verdict
    change: float | None
    low: float | None
    high: float | None
    threshold: float
    pairs: int
    is_lost: bool = False


@dataclass(frozen=True)
class Comparison:
    """`incomparable` is a sentence that says why nothing can be told, if so; `remarks` are more
    sentences for people."""

    base: str
    head: str
    machine: str
    rows: Sequence[Row] = ()
    failures: Sequence[Failure] = ()
    added: Sequence[str] = ()
    removed: Sequence[str] = ()
    taken: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)
    minutes: float = 0.0
    seed: int = 0
    strict: bool = False
    incomparable: str | None = None
    remarks: Sequence[str] = ()

    def of(self, verdict: Verdict) -> list[Row]:
        return [row for row in self.rows if row.verdict is verdict]

    @property
    def status(self) -> int:
        """What to exit with."""
        if self.of(Verdict.REGRESSED):
            return REGRESSED
        return 0 if self.obstacle is None else CANT_TELL

    @property
    def obstacle(self) -> Obstacle | None:
        """What keeps it from telling enough to pass, if nothing regressed."""
        if self.incomparable:
            return Obstacle.INCOMPARABLE
        if self.failures:
            return Obstacle.FAILURE
        tolerated = 0.0 if self.strict else MOST_UNDECIDED * len(self.rows)
        if len(self._lost) > tolerated:
            return Obstacle.UNMEASURED
        if not self.rows or len(self._undecided) > tolerated:
            return Obstacle.NOISE
        return None

    @property
    def _lost(self) -> list[Row]:
        return [row for row in self.rows if row.is_lost]

    @property
    def _undecided(self) -> list[Row]:
        return self.of(Verdict.CANT_TELL) + self._lost

    @property
    def summary(self) -> str:
        """A sentence or two: the answer first."""
        if self.incomparable:
            return f"Can't tell. {self.incomparable}"
        parts = [
            f"{name} {_listed(self.of(verdict))}."
            for verdict, name in (
                (Verdict.REGRESSED, "Regressed:"),
                (Verdict.IMPROVED, "Improved:"),
            )
            if self.of(verdict)
        ]
        if not self.of(Verdict.REGRESSED):
            parts.insert(0, "Nothing regressed." if self.status == 0 else "Can't tell.")
        undecided = len(self._undecided)
        if undecided:
            parts.append(f"{undecided} of {len(self.rows)} rows can't be told.")
        for failure in self.failures:
            parts.append(f"{failure.case} failed in {failure.side}: {failure.reason}.")
        return " ".join(parts)

    @property
    def notes(self) -> list[str]:
        """How it came about, and what was left out."""
        found = [*self.remarks]
        if self.added:
            found.append(f"Only in head: {', '.join(self.added)}.")
        if self.removed:
            found.append(f"Only in base: {', '.join(self.removed)}.")
        neither = [row for row in self.of(Verdict.ABSENT) if not row.is_lost]
        for rows, what in (
            (self._lost, "Not measured on both sides each time, so that nothing can be told"),
            (neither, "Measured on neither side"),
        ):
            if rows:
                found.append(f"{what}: {', '.join(f'{row.case} {row.metric}' for row in rows)}.")
        # What was never looked at has no threshold yet.
        noisy = [row for row in self.rows if row.pairs and row.threshold > 1.005 * LEAST_CHANGE]
        if noisy:
            found.append(
                "Too noisy to see three per cent, but only more than: "
                + ", ".join(f"{row.case} {row.metric} {100 * row.threshold:.1f} %" for row in noisy)
                + "."
            )
        dropped = sum(self.dropped.values())
        reasons = "; ".join(f"{many} × {reason}" for reason, many in self.dropped.items())
        found.append(
            f"{self.taken} pairs in {self.minutes:.1f} minutes"
            + (f", {dropped} more dropped as disturbed ({reasons})" if dropped else "")
            + f"; seed {self.seed}."
        )
        return found

    def to_json(self) -> dict[str, Json]:
        return {
            "schema_version": "1",
            "base": self.base,
            "head": self.head,
            "machine": self.machine,
            "exit_status": self.status,
            "summary": self.summary,
            "obstacle": self.obstacle,
            "incomparable": self.incomparable,
            "rows": [
                {
                    "case": row.case,
                    "metric": row.metric,
                    "verdict": WORDS[row.verdict],
                    "change": row.change,
                    "low": row.low,
                    "high": row.high,
                    "threshold": row.threshold,
                    "pairs": row.pairs,
                }
                for row in self.rows
            ],
            "failures": [
                {"case": each.case, "side": each.side, "reason": each.reason}
                for each in self.failures
            ],
            "added": list(self.added),
            "removed": list(self.removed),
            "pairs_taken": self.taken,
            "pairs_dropped": dict(self.dropped),
            "minutes": round(self.minutes, 3),
            "seed": self.seed,
            "remarks": list(self.remarks),
        }


def percent(change: float | None) -> str:
    return "-" if change is None else f"{100 * change:+.1f} %"


def relative(log_ratio: float) -> float:
    return math.expm1(log_ratio)


def _listed(rows: Sequence[Row]) -> str:
    """'cpu_async (wall +5.1 %, CPU +5.0 %), io_async (wall +9.9 %)'"""
    by_case: dict[str, list[str]] = {}
    for row in rows:
        by_case.setdefault(row.case, []).append(f"{row.metric} {percent(row.change)}")
    return ", ".join(f"{case} ({', '.join(metrics)})" for case, metrics in by_case.items())
