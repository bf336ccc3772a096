"""What a comparison as a whole comes to: its exit status and what it says of rows."""

from __future__ import annotations

import pytest

from concurrency_report.regress.comparison import Comparison, Row
from concurrency_report.regress.decision import Verdict


def row(verdict: Verdict, *, threshold: float = 0.03, pairs: int = 16) -> Row:
    change = None if pairs == 0 else 0.0
    return Row("cpu_a", "wall", verdict, change, change, change, threshold, pairs)


@pytest.mark.parametrize(
    ("untold", "strict", "status"),
    [(0, False, 0), (1, False, 0), (2, False, 3), (0, True, 0), (1, True, 3)],
)
def test_a_tenth_of_rows_may_be_untold_unless_strict(
    untold: int, strict: bool, status: int
) -> None:
    rows = untold * [row(Verdict.CANT_TELL)] + (10 - untold) * [row(Verdict.NO_CHANGE)]

    found = Comparison("base", "head", "machine", rows, strict=strict)

    assert found.status == status
    assert (f"{untold} of 10 rows can't be told." in found.summary) == (untold > 0)


def test_what_regressed_counts_before_what_is_untold() -> None:
    rows = [row(Verdict.REGRESSED), *(9 * [row(Verdict.CANT_TELL)])]

    assert Comparison("base", "head", "machine", rows, strict=True).status == 1


def test_noise_is_told_of_rows_that_were_looked_at() -> None:
    looked_at = Comparison("base", "head", "machine", [row(Verdict.CANT_TELL, threshold=0.05)])
    never = Comparison("base", "head", "machine", [row(Verdict.CANT_TELL, threshold=0.2, pairs=0)])

    assert any("cpu_a wall 5.0 %" in note for note in looked_at.notes)
    assert not any("Too noisy" in note for note in never.notes)
