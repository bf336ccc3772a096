"""What is known of a comparison while pairs are taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..bench import shown
from .comparison import Comparison, Row, relative
from .decision import Decisions, Verdict
from .sampling import METRICS, Failure, Pairs
from .statistics import hodges_lehmann


@dataclass
class Known:
    """What a comparison consists of besides its rows."""

    base: str
    head: str
    seed: int
    strict: bool
    added: list[str]
    removed: list[str]
    machine: str = ""

    def __post_init__(self) -> None:
        self.failures: list[Failure] = []
        self.remarks: list[str] = []
        self.minutes = 0.0
        self._pairs = Pairs()

    def left_of(self, cases: Sequence[str]) -> list[str]:
        """Those that have not failed."""
        failed = {each.case for each in self.failures}
        return [case for case in cases if case not in failed]

    def take_over(self, pairs: Pairs) -> None:
        self._pairs = pairs

    def judged(self, decisions: Decisions, cases: Sequence[str]) -> Comparison:
        rows = [
            _row(case, metric, decisions, place, self._pairs)
            for place, case in enumerate(cases)
            for metric in range(len(METRICS))
        ]
        known = [row for row in rows if row.pairs or row.verdict is not Verdict.ABSENT]
        return self.comparison(rows=known)

    def comparison(
        self,
        *,
        rows: Sequence[Row] = (),
        incomparable: str | None = None,
    ) -> Comparison:
        failed = [*self.failures, *self._pairs.failures.values()]
        return Comparison(
            base=self.base,
            head=self.head,
            machine=self.machine,
            rows=rows,
            failures=[Failure(shown(each.case), each.side, each.reason) for each in failed],
            added=self.added,
            removed=self.removed,
            taken=self._pairs.taken,
            dropped=dict(self._pairs.reasons),
            minutes=self.minutes,
            seed=self.seed,
            strict=self.strict,
            incomparable=incomparable,
            remarks=self.remarks,
        )


def _row(case: str, metric: int, decisions: Decisions, place: int, pairs: Pairs) -> Row:
    of = int(decisions.looked_at[0, place, metric])
    data = pairs.data(case)[metric, :of]
    estimate = hodges_lehmann(data) if of and not np.isnan(data).any() else None
    verdict = Verdict(decisions.verdicts[0, place, metric])
    return Row(
        case=shown(case),
        metric=METRICS[metric].title,
        verdict=verdict,
        change=None if estimate is None else relative(estimate.value),
        low=None if estimate is None else relative(estimate.low),
        high=None if estimate is None else relative(estimate.high),
        threshold=relative(float(decisions.thresholds[0, place, metric])),
        pairs=of,
        is_lost=verdict is Verdict.ABSENT and pairs.is_measured(case, metric),
    )
