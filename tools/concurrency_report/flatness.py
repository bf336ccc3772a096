"""Whether a figure that was read again and again grows.

The rule, for the readings of one figure in the order in which they were made:

 1. The first quarter, and two readings at the least, are for warming up and left out. Of fewer than
    8 that remain nothing is said.
 2. It has a trend if the lower end of the 95 % confidence interval of the Theil-Sen slope (the
    median of the slopes between any two readings) is above 0, that slope makes more than the
    allowance of the whole series, and the lowest reading of the second half stands above the lowest
    of the first by more than half the allowance.
 3. It has a step if there is a place, 3 readings from either end at the least, where all readings
    after it stand above all before it by more than the allowance.
 4. It grows if it has either.

Both are about what stays: a figure may swing as it likes as long as it comes back, be it to where
it began each time (hence the lowest readings) or for a while only.

Sen, P. K., Estimates of the regression coefficient based on Kendall's tau, Journal of the American
Statistical Association 63 (1968), 1379-1389.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from scipy.stats import theilslopes

FEWEST = 8
_WARM_UP = 0.25
_FEWEST_WARM_UP = 2
_FEWEST_ASIDE = 3
_CONFIDENCE = 0.95


@dataclass(frozen=True)
class Allowance:
    """By how much a figure may grow over a whole run: what two readings of something that is flat
    may differ by anyway. The greater of the two counts."""

    absolute: float
    share: float = 0

    def of(self, level: float) -> float:
        return max(self.absolute, self.share * level)


@dataclass(frozen=True)
class Flatness:
    """What came of one series after its warm-up. `growth` says how it grows, and is None if it does
    not, or if there are too few readings to say."""

    readings: int
    low: float
    high: float
    growth: str | None

    @property
    def is_known(self) -> bool:
        return self.readings >= FEWEST

    @property
    def is_flat(self) -> bool:
        return self.is_known and self.growth is None


def warm_up(readings: int) -> int:
    """How many of so many are left out."""
    return min(readings, max(_FEWEST_WARM_UP, math.ceil(_WARM_UP * readings)))


def judge(series: Sequence[float], allowance: Allowance) -> Flatness:
    warm = list(series[warm_up(len(series)) :])
    if not warm:
        return Flatness(0, math.nan, math.nan, None)
    growth = None
    if len(warm) >= FEWEST:
        allowed = allowance.of(median(warm))
        growth = _trend(warm, allowed) or _step(warm, allowed)
    return Flatness(len(warm), min(warm), max(warm), growth)


def _trend(warm: Sequence[float], allowed: float) -> str | None:
    slope, _, low, _ = theilslopes(warm, alpha=_CONFIDENCE)
    growth = slope * (len(warm) - 1)
    half = len(warm) // 2
    floor = min(warm[half:]) - min(warm[:half])
    if not (low > 0 and growth > allowed and floor > allowed / 2):
        return None
    return f"grew steadily, by {growth:.3g} in {len(warm)} readings"


def _step(warm: Sequence[float], allowed: float) -> str | None:
    step, after = max(
        (min(warm[place:]) - max(warm[:place]), len(warm) - place)
        for place in range(_FEWEST_ASIDE, len(warm) - _FEWEST_ASIDE + 1)
    )
    return f"stayed {step:.3g} higher in the last {after} readings" if step > allowed else None
