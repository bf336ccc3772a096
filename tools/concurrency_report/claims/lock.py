"""Claim 2: what a lock like Python's does to computing threads."""

from __future__ import annotations

from ..comparison import is_real_gain
from ..machine_results import MachineResults
from .claim import Finding, fails, holds, unknown
from .runs import find, gain_of, wanted
from .wording import as_fast, times


def examine(machine: MachineResults) -> Finding:
    sequential, free, locked = find(
        machine.claims,
        wanted("cpu_sequential"),
        wanted("cpu_threads"),
        wanted("cpu_gil_threads"),
    )
    gain, gain_under_lock = gain_of(free, sequential), gain_of(locked, sequential)
    figures = (
        f"{as_fast(free, gain, sequential)}.",
        f"Under a lock with the rules of Python's, the same threads at the same work "
        f"(cpu_gil_threads) are {times(gain_under_lock)} as fast.",
    )
    if not is_real_gain(gain):
        return unknown(
            *figures,
            "Threads gain nothing here without the lock either, so that nothing can be laid on it.",
        )
    return fails(*figures) if is_real_gain(gain_under_lock) else holds(*figures)
