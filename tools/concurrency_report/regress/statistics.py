"""Wilcoxon's signed-rank test and what comes with it, for paired differences: exact, for many rows
at once.

All of it is counted from Walsh averages, the means of all pairs of differences, each with itself
too: as many of them as exceed a value are the signed-rank statistic of testing that value, their
median is Hodges' and Lehmann's estimate, and their order statistics bound its interval (Hollander,
Wolfe and Chicken, Nonparametric Statistical Methods, 3rd ed., sections 3.1 to 3.3). scipy.stats
.wilcoxon gives the same p-values (a test compares them), but no estimate, no interval, and no exact
distribution where differences are tied or zero, as those of memory often are. Here a tie counts for
the hypothesis, so that the tests stay valid, if anything too careful.
"""

from __future__ import annotations

from functools import cache
from typing import cast

import numpy as np
import numpy.typing as npt

from ..estimate import Estimate

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def walsh_averages(differences: Floats) -> Floats:
    """Along the last axis: n (n + 1) / 2 of n differences."""
    first, second = np.triu_indices(differences.shape[-1])
    return (differences[..., first] + differences[..., second]) / 2


def p_greater(walsh: Floats, than: Floats | float, of: int) -> Floats:
    """How likely at least so many Walsh averages above `than` are if the differences of `of` pairs
    lie symmetrically about it: small where they lie higher. `than` is one for all rows or one for
    each."""
    above = np.count_nonzero(walsh > np.asarray(than)[..., np.newaxis], axis=-1)
    return cast(Floats, _at_least(of)[above])


def p_less(walsh: Floats, than: Floats | float, of: int) -> Floats:
    below = np.count_nonzero(walsh < np.asarray(than)[..., np.newaxis], axis=-1)
    return cast(Floats, _at_least(of)[below])


def hodges_lehmann(differences: Floats, level: float = 0.95) -> Estimate:
    """Of one row, which must not be empty, with its interval."""
    low, high = interval_bounds(differences, level)
    return Estimate(
        value=float(np.median(walsh_averages(differences))),
        low=float(low),
        high=float(high),
        level=_level(differences.shape[-1], _left_out(differences.shape[-1], level)),
        samples=differences.shape[-1],
    )


def interval_bounds(differences: Floats, level: float = 0.95) -> tuple[Floats, Floats]:
    """Of the narrowest signed-rank interval of at least this level, along the last axis; the least
    and the greatest difference where these are too few for that."""
    walsh = np.sort(walsh_averages(differences), axis=-1)
    left_out = _left_out(differences.shape[-1], level)
    return walsh[..., left_out], walsh[..., walsh.shape[-1] - 1 - left_out]


def _left_out(of: int, level: float) -> int:
    """How many Walsh averages at either end: as many as the statistic reaches with half of what the
    level leaves."""
    at_most = np.cumsum(_probabilities(of))
    return max(int(np.count_nonzero(at_most <= (1 - level) / 2)) - 1, 0)


def _level(of: int, left_out: int) -> float:
    return max(0.0, float(1 - 2 * np.cumsum(_probabilities(of))[left_out]))


@cache
def _probabilities(of: int) -> Floats:
    """Of each value of the statistic, 0 to n (n + 1) / 2, for n differences: every rank is added or
    not, independently, with probability one half."""
    found = np.zeros(of * (of + 1) // 2 + 1)
    found[0] = 1
    for rank in range(1, of + 1):
        found[rank:] = found[rank:] + found[:-rank]
        found /= 2
    return found


@cache
def _at_least(of: int) -> Floats:
    return np.cumsum(_probabilities(of)[::-1])[::-1]
