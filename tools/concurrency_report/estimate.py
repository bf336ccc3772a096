"""Medians and confidence intervals that assume nothing of how samples are distributed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median

from scipy.special import bdtr  # scipy.stats has it too, and takes a second to load

_WANTED_LEVEL = 0.95


@dataclass(frozen=True)
class Estimate:
    """A median and the interval that covers the true one with confidence `level` (0 to 1).

    The interval reaches from one sample to another, by the ranks that a binomial distribution gives
    (Conover, Practical Nonparametric Statistics, 3rd ed., section 3.2): the narrowest with at least
    95 %, or from the least to the greatest sample where these are too few for that, as with fewer
    than six. One sample alone says nothing of its spread: its level is 0.
    """

    value: float
    low: float
    high: float
    level: float
    samples: int


def estimate(samples: Iterable[float]) -> Estimate | None:
    """None of no samples."""
    values = sorted(samples)
    count = len(values)
    if not values:
        return None
    if count == 1:
        return Estimate(values[0], values[0], values[0], 0, 1)
    left_out = 0
    while _level(count, left_out + 1) >= _WANTED_LEVEL:
        left_out += 1
    return Estimate(
        value=median(values),
        low=values[left_out],
        high=values[count - 1 - left_out],
        level=_level(count, left_out),
        samples=count,
    )


def estimate_ratio(
    numerators: Mapping[int, float], denominators: Mapping[int, float]
) -> Estimate | None:
    """Of the ratios within each round, so that what drifts from round to round cancels out. None
    where no round has both."""
    return estimate(
        numerators[index] / denominators[index]
        for index in numerators.keys() & denominators.keys()
        if denominators[index] > 0
    )


def _level(count: int, left_out: int) -> float:
    """How surely the median lies within the samples less `left_out` at either end."""
    if 2 * left_out >= count - 1:
        return 0
    return float(1 - 2 * bdtr(left_out, count, 0.5))
