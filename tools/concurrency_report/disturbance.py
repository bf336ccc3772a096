"""Whether something else was going on: figures of a busy machine look like any others."""

from __future__ import annotations

from statistics import median

from .machine_results import MachineResults
from .verdicts import is_sequential

# A quiet machine gives one computing thread 99 to 100 % of a core.
_UNDISTURBED = 0.95


def disturbance(machine: MachineResults) -> str | None:
    """A sentence of warning, or None. What computes on one thread and waits for nothing tells: the
    time that it was kept from its core is others'."""
    for case in machine.cases:
        shares = [
            cpu_s / case.of("wall_s")[index]
            for index, cpu_s in case.cpu_s.items()
            if case.of("wall_s").get(index, 0) > 0
        ]
        if case.workload != "cpu" or not is_sequential(case) or not shares:
            continue
        share = median(shares)
        if share < _UNDISTURBED:
            return (
                f"Other work kept the cores busy: {case.case}, which does nothing but compute, had "
                f"one for {100 * share:.0f} % of its time only. Run the study again on a quiet "
                "machine."
            )
    return None
