"""Signed-rank test, estimate and interval against scipy and published figures."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import wilcoxon

from concurrency_report.regress.statistics import (
    hodges_lehmann,
    p_greater,
    p_less,
    walsh_averages,
)

# Hamilton depression scale before and after a tranquilizer: Hollander and Wolfe, Nonparametric
# Statistical Methods, table 3.1. Their examples 3.1, 3.3 and 3.4 are computed from it.
BEFORE = np.array([1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30])
AFTER = np.array([0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29])


def test_the_published_example() -> None:
    found = hodges_lehmann(AFTER - BEFORE, 0.96)

    assert found.value == pytest.approx(-0.46)
    assert (found.low, found.high) == pytest.approx((-0.786, -0.010))
    assert found.level == pytest.approx(0.961, abs=0.001)
    assert p_less(walsh_averages(AFTER - BEFORE), 0.0, 9) == pytest.approx(0.0195, abs=5e-5)


@pytest.mark.parametrize("of", [1, 8, 12, 50])
def test_p_values_are_scipys(of: int) -> None:
    rows = np.random.default_rng(7).normal(0.02, 0.05, size=(5, of))
    walsh = walsh_averages(rows)
    for than in (-0.03, 0.0, 0.03):
        for mine, alternative in ((p_greater, "greater"), (p_less, "less")):
            theirs = [
                wilcoxon(row - than, alternative=alternative, method="exact").pvalue for row in rows
            ]
            assert mine(walsh, than, of) == pytest.approx(theirs)


def test_a_value_for_each_row_is_tested_in_its_own_row() -> None:
    rows = np.array([[0.01] * 8, [0.05] * 8])

    assert p_greater(walsh_averages(rows), np.array([0.03, 0.03]), 8) == pytest.approx([1, 2**-8])


def test_ties_and_zeros_never_count_against_the_hypothesis() -> None:
    nothing = walsh_averages(np.zeros(8))
    balanced = walsh_averages(np.array([1.0, -1.0] * 4))

    assert p_greater(nothing, 0.0, 8) == p_less(nothing, 0.0, 8) == 1
    assert p_greater(balanced, 0.0, 8) > 0.5
    assert p_less(balanced, 0.0, 8) > 0.5


def test_an_interval_covers_as_often_as_its_level_says() -> None:
    rows = np.random.default_rng(3).laplace(0.03, 1.0, size=(2000, 12))
    found = [hodges_lehmann(row) for row in rows]
    covered = sum(each.low <= 0.03 <= each.high for each in found) / len(found)

    assert 0.95 <= found[0].level < 0.96
    assert covered == pytest.approx(found[0].level, abs=0.015)


def test_too_few_pairs_have_an_interval_of_lower_level() -> None:
    found = hodges_lehmann(np.array([0.3, 0.1, 0.2]))

    assert (found.low, found.value, found.high) == pytest.approx((0.1, 0.2, 0.3))
    assert found.level == pytest.approx(0.75)
    assert hodges_lehmann(np.array([0.1])).level == 0
