"""Figures and cases as the sentences of the evidence say them."""

from __future__ import annotations

from collections.abc import Iterable

from ..estimate import Estimate
from ..summary import CaseSummary


def listed(words: Iterable[object]) -> str:
    """ "3, 10 and 30"."""
    *others, last = map(str, words)
    return f"{', '.join(others)} and {last}" if others else last


def counted(number: int, noun: str) -> str:
    """ "1 worker", "2 workers"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def named(case: CaseSummary) -> str:
    """ "cpu_process_pool with 2 workers"."""
    return case.case + ("" if case.workers is None else f" with {counted(case.workers, 'worker')}")


def times(ratio: Estimate) -> str:
    """ "1.94 × (1.90 to 1.98)"; of a single sample, which has no interval, "1.94 ×"."""
    interval = "" if ratio.samples == 1 else f" ({_ratio(ratio.low)} to {_ratio(ratio.high)})"
    return f"{_ratio(ratio.value)} ×{interval}"


def as_fast(case: CaseSummary, gain: Estimate, over: CaseSummary) -> str:
    """A clause."""
    return f"{named(case)} is {times(gain)} as fast as {named(over)}"


def wall(case: CaseSummary) -> str:
    """ "324 ms", the median."""
    value = case.value("wall_s") or 0
    return f"{value:.2f} s" if value >= 0.9995 else f"{value * 1000:.3g} ms"


def percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def standstill(loop: CaseSummary) -> str:
    """What to append to a clause about an event loop; empty where it is not known."""
    blocked_s, wall_s = loop.value("loop_blocked_s"), loop.value("wall_s")
    if blocked_s is None or not wall_s:
        return ""
    share = percent(min(blocked_s / wall_s, 1))
    return f", and the loop of {loop.case} stood still for {share} of the time"


def _ratio(value: float) -> str:
    return f"{value:.2f}" if value < 9.995 else f"{value:.1f}"
