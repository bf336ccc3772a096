"""How two cases compare, noise considered: what verdicts, claims and recommendations build on.

docs/reading-the-report.md tells readers of these rules; its figures are the constants here.
"""

from __future__ import annotations

from collections.abc import Mapping

from .estimate import Estimate, estimate_ratio
from .summary import CaseSummary

# A difference below this is none, however well it is measured: process runs of one case differ by
# 2 to 6 % here.
NOISE = 0.05
# What is taken for noise where there is a single sample, which does not tell: that of a measurement
# over a real network.
SINGLE_SAMPLE_NOISE = 0.15
# What counts as a real gain over another case: a tenth.
GAIN = 1.1


def ratio_of_walls(case: CaseSummary, other: CaseSummary) -> Estimate | None:
    """How many times as long as the other the case takes."""
    return estimate_ratio(case.of("wall_s"), other.of("wall_s"))


def is_no_more(ratio: Estimate) -> bool:
    """Whether what is compared is no greater than what it is compared with, or not by more than
    noise: where the interval includes 1, nothing has been shown."""
    if ratio.samples == 1:
        return ratio.value <= 1 + SINGLE_SAMPLE_NOISE
    return ratio.value <= 1 + NOISE or ratio.low <= 1


def is_as_fast(case: CaseSummary, other: CaseSummary) -> bool:
    """Whether the case is as fast as the other, or faster."""
    ratio = ratio_of_walls(case, other)
    return ratio is not None and is_no_more(ratio)


def speedup(case: CaseSummary, over: CaseSummary) -> Estimate | None:
    """How many times as fast as the other the case is."""
    return estimate_ratio(over.of("wall_s"), case.of("wall_s"))


def is_real_gain(gain: Estimate | None) -> bool:
    """Whether a speedup is a tenth at least, and not noise alone."""
    return gain is not None and gain.value >= GAIN and (gain.samples == 1 or gain.low > 1)


def ratio_of(numerators: Mapping[int, float], denominators: Mapping[int, float]) -> float | None:
    """The ratio of the medians' rounds; None where it cannot be had."""
    ratio = estimate_ratio(numerators, denominators)
    return None if ratio is None else ratio.value
