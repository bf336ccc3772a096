from __future__ import annotations

import math

import pytest
from scipy.stats import quantile_test

from concurrency_report.estimate import estimate, estimate_ratio


def test_nothing_comes_of_nothing() -> None:
    assert estimate([]) is None
    assert estimate_ratio({0: 1.0}, {1: 1.0}) is None


def test_one_sample_tells_no_spread() -> None:
    found = estimate([3.0])
    assert found is not None
    assert (found.value, found.low, found.high, found.level, found.samples) == (3, 3, 3, 0, 1)


@pytest.mark.parametrize(
    ("count", "level"),
    # 1 - 2 (1/2)^n, from the least to the greatest; at 9, 1 - 2 P(B(9, 1/2) <= 1).
    [(2, 0.5), (5, 0.9375), (6, 0.96875), (7, 0.984375), (9, 1 - 20 / 512)],
)
def test_the_level_is_the_binomial_distribution_s(count: int, level: float) -> None:
    found = estimate(range(count))
    assert found is not None
    assert math.isclose(found.level, level)


def test_outer_samples_are_left_out_where_enough_remain() -> None:
    found = estimate([9, 1, 8, 2, 7, 3, 6, 4, 5])
    assert found is not None
    assert (found.value, found.low, found.high) == (5, 2, 8)


@pytest.mark.parametrize("count", [6, 7, 8, 11, 15, 20, 33])
def test_the_interval_is_scipy_s(count: int) -> None:
    values = [math.sin(i) for i in range(count)]
    found = estimate(values)
    assert found is not None
    two_sided = quantile_test(values, p=0.5).confidence_interval(confidence_level=0.95)
    assert math.isclose(found.low, two_sided.low)
    assert math.isclose(found.high, two_sided.high)


def test_ratios_are_taken_round_by_round() -> None:
    # All that drifts between rounds cancels out.
    found = estimate_ratio({0: 2.0, 1: 20.0, 2: 200.0, 3: 1.0}, {0: 1.0, 1: 10.0, 2: 100.0})
    assert found is not None
    assert (found.value, found.low, found.high, found.samples) == (2, 2, 2, 3)
