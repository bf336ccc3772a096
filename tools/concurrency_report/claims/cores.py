"""Claim 5: computing on one core, and on more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import pairwise

from ..comparison import is_real_gain
from ..machine_results import MachineResults
from ..summary import CaseSummary
from .claim import CannotTellError, Finding, combined, fails, finding_of, holds
from .cpu_work import most_to_gain
from .runs import Wanted, find, gain_of, wanted
from .wording import counted, listed, named, times

# A step to fewer than so many times the cores may gain too little to be told from noise.
_LARGE_STEP = 1.5


def examine(machine: MachineResults) -> Finding:
    return combined(
        finding_of(partial(_one_core, machine)), finding_of(partial(_more_cores, machine))
    )


def _one_core(machine: MachineResults) -> Finding:
    """On a machine that has one core the study's own cases tell."""
    models = ("threads", "processes", "process_pool")
    if machine.cores == 1:
        found = find(machine.cases, wanted("cpu_sequential"), *(map(_cpu, models)))
    else:
        found = find(
            machine.claims, wanted("cpu_sequential", cores=1), *(_cpu(m, cores=1) for m in models)
        )
    sequential, *others = found
    gains = [(other, gain_of(other, sequential)) for other in others]
    figures = ", ".join(f"{other.case} is {times(gain)}" for other, gain in gains)
    sentence = f"On one core, {figures} as fast as cpu_sequential"
    helped = [named(other) for other, gain in gains if is_real_gain(gain)]
    if helped:
        return fails(f"{sentence}: {listed(helped)} did help.")
    return holds(f"{sentence}: no real gain.")


def _cpu(model: str, **arguments: object) -> Wanted:
    return wanted(f"cpu_{model}", **arguments)


def _more_cores(machine: MachineResults) -> Finding:
    if machine.cores == 1:
        raise CannotTellError("Whether more cores are better cannot be told on a machine with one.")
    sequential, pools = _pools(machine)
    gains = {cores: gain_of(pool, sequential) for cores, pool in pools.items()}
    sentence = (
        "cpu_process_pool with as many workers as cores is "
        + listed(f"{times(gain)} as fast on {cores}" for cores, gain in gains.items())
        + f" {'core' if list(gains) == [1] else 'cores'} as cpu_sequential"
    )
    if not is_real_gain(gains[machine.cores]):
        return fails(f"{sentence}: no real gain on all cores.")
    small = _small_steps(pools, most_to_gain(machine.context))
    if small:
        return fails(f"{sentence}: no real gain {listed(small)}.")
    return holds(f"{sentence}.")


def _pools(machine: MachineResults) -> tuple[CaseSummary, Mapping[int, CaseSummary]]:
    """The sequential run, and the pools by the number of cores: 1, 2, 4 and so on, and all."""
    fewer = [1 << power for power in range((machine.cores - 1).bit_length())]
    sequential, *pools = find(
        machine.claims,
        wanted("cpu_sequential"),
        *(_cpu("process_pool", workers=cores, cores=cores) for cores in fewer),
        _cpu("process_pool", workers=machine.cores),
    )
    return sequential, dict(zip((*fewer, machine.cores), pools, strict=True))


def _small_steps(pools: Mapping[int, CaseSummary], most: float | None) -> Sequence[str]:
    """The steps that gained nothing, of those that ought to: more cores than the list of
    computations can use gain nothing on any machine."""
    numbers = list(pools)
    return [
        f"from {counted(fewer, 'core')} to {more}"
        for fewer, more in pairwise(numbers)
        if more >= _LARGE_STEP * fewer
        and (most is None or more <= most)
        and not is_real_gain(gain_of(pools[more], pools[fewer]))
    ]
