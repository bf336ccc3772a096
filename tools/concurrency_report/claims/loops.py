"""Claim 7: a copy of an async application for each core."""

from __future__ import annotations

from functools import partial
from statistics import median

from ..comparison import is_real_gain
from ..machine_results import MachineResults
from ..summary import CaseSummary
from .claim import CannotTellError, Finding, combined, fails, finding_of, holds, unknown
from .runs import find, gain_of, wanted
from .wording import as_fast, percent

_SCHEMES = ("http", "https")
_FETCHES = 1000
# The share of the time from which on the origin, which has one thread, is what limits the loops.
_BUSY = 0.8


def examine(machine: MachineResults) -> Finding:
    if machine.cores == 1:
        raise CannotTellError("With one core there is room for one copy of the process only.")
    return combined(*(finding_of(partial(_over, machine, scheme)) for scheme in _SCHEMES))


def _over(machine: MachineResults, scheme: str) -> Finding:
    size = {"fetches": _FETCHES, "latency_scale": 0, "scheme": scheme}
    one, many = find(
        machine.claims,
        wanted("io_async", **size),
        wanted("io_event_loop_per_process", workers=machine.cores, **size),
    )
    gain = gain_of(many, one)
    figures = f"Over {scheme}, {as_fast(many, gain, one)} at {_FETCHES} fetches"
    own_cores = bool(machine.context.get("origin_affinity"))
    figures += f"{_origin(many, own_cores=own_cores)}."
    if is_real_gain(gain):
        return holds(figures)
    if not own_cores:
        return unknown(
            figures, f"That is no real gain over {scheme}, but the loops had not all cores to use."
        )
    if _is_limit(many):
        return unknown(figures, f"Over {scheme} the origin is busy all the time: it is the limit.")
    return fails(figures)


def _is_limit(case: CaseSummary) -> bool:
    origin_s, wall_s = case.value("origin_cpu_s"), case.value("wall_s")
    return origin_s is not None and bool(wall_s) and origin_s >= _BUSY * (wall_s or 0)


def _origin(case: CaseSummary, *, own_cores: bool) -> str:
    """What to append about the origin; empty where its share is not known."""
    origin_s, cpu_s = case.value("origin_cpu_s"), case.cpu_s
    own_s = median(cpu_s.values()) if cpu_s else 0
    if origin_s is None or origin_s + own_s <= 0:
        return ""
    which = "on cores of its own" if own_cores else "on the same cores"
    return f"; the origin, {which}, took {percent(origin_s / (origin_s + own_s))} of all CPU time"
