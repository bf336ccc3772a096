"""Claim 6: how many workers a pool should have."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from ..comparison import is_real_gain
from ..machine_results import MachineResults
from ..summary import CaseSummary
from ..sweep import knee, sweeps
from .claim import CannotTellError, Finding, combined, fails, finding_of, holds
from .cpu_work import most_to_gain
from .runs import fastest_of, gain_of
from .wording import counted, listed, percent, times, wall

# How many times the cores "several times more" is at least.
_SEVERAL = 2
# With fewer numbers of workers a sweep has no shape.
_LEAST_POINTS = 3


def examine(machine: MachineResults) -> Finding:
    return combined(
        finding_of(partial(_processes_for_computing, machine)),
        finding_of(partial(_threads_for_waiting, machine)),
    )


def _processes_for_computing(machine: MachineResults) -> Finding:
    cores = machine.cores
    sweep = _sweep(machine, "cpu_process_pool")
    by_workers = {pool.workers or 0: pool for pool in sweep}
    if cores not in by_workers or max(by_workers) == cores or min(by_workers) > max(1, cores - 1):
        raise CannotTellError(
            f"cpu_process_pool was measured with {listed(by_workers)} workers: to tell it takes "
            f"as many as the {counted(cores, 'core')}, fewer and more."
        )
    most = most_to_gain(machine.context)
    if most is not None and most < cores:
        raise CannotTellError(
            f"No pool can use {cores} cores for this list of computations, which takes {most:.1f} "
            "times as long as its longest: measure with more repetitions (--fibonacci)."
        )
    return _judge_computing(sweep, by_workers[cores])


def _judge_computing(sweep: Sequence[CaseSummary], at_cores: CaseSummary) -> Finding:
    """Fewer workers should be slower, beyond noise; more should gain nothing real. A knee that is
    beyond the cores by what is no real gain does not speak against the claim."""
    cores, enough = at_cores.workers or 0, _knee(sweep)
    sentence = f"With as many workers as cores, {cores}, cpu_process_pool takes {wall(at_cores)}"
    if (enough.workers or 0) < cores:
        return fails(f"{sentence}, and no more within the noise with fewer: {_at(enough)}.")
    fewer = [pool for pool in sweep if (pool.workers or 0) < cores]
    if fewer:
        gain = gain_of(at_cores, fewer[-1])
        sentence += f", which is {times(gain)} as fast as with {fewer[-1].workers}"
    more = fastest_of(pool for pool in sweep if (pool.workers or 0) > cores)
    gain = gain_of(more, at_cores)
    sentence += f"; with {more.workers} it is {times(gain)} as fast as with {cores}"
    if is_real_gain(gain):
        return fails(f"{sentence}{_idle(at_cores, cores, more)}.")
    return holds(f"{sentence}, no real gain.")


def _at(pool: CaseSummary) -> str:
    return f"{wall(pool)} with {pool.workers}"


def _idle(at_cores: CaseSummary, cores: int, best: CaseSummary) -> str:
    """Uneven jobs leave cores idle at the end, where more workers share them out better."""
    busy = [pool.value("cpu_pct") for pool in (at_cores, best)]
    shares = [percent(min(each / 100 / cores, 1)) for each in busy if each is not None]
    if len(shares) < len(busy):
        return ""
    return f", the cores being busy for {shares[1]} of the time instead of {shares[0]}"


def _threads_for_waiting(machine: MachineResults) -> Finding:
    cores, several = machine.cores, _SEVERAL * machine.cores
    sweep = _sweep(machine, "io_thread_pool")
    enough, tried = _knee(sweep), [pool.workers or 0 for pool in sweep]
    workers = enough.workers or 0
    sentence = f"io_thread_pool gets faster up to {counted(workers, 'worker')}"
    if enough is sweep[-1]:
        sentence += ", the most that were tried"
    if workers >= several:
        gain = gain_of(enough, sweep[0])
        sentence += f": {wall(enough)}, {times(gain)} as fast as with {sweep[0].workers}"
        return holds(f"{sentence}; that is {workers / cores:.3g} × the cores.")
    jobs = machine.context.get("fetches")
    limit = min(max(tried), jobs) if isinstance(jobs, int) else max(tried)
    if limit < several:
        raise CannotTellError(
            f"{sentence}; no more than {limit} could fetch at once, fewer than {_SEVERAL} × the "
            "cores."
        )
    return fails(f"{sentence}, fewer than {_SEVERAL} × the cores ({wall(enough)}).")


def _sweep(machine: MachineResults, case: str) -> Sequence[CaseSummary]:
    sweep = sweeps(machine.claims).get(case, [])
    if len(sweep) < _LEAST_POINTS:
        raise CannotTellError(
            f"Not measured here: {case} with {_LEAST_POINTS} numbers of workers or more."
        )
    return sweep


def _knee(sweep: Sequence[CaseSummary]) -> CaseSummary:
    found = knee(sweep)
    if found is None:
        raise CannotTellError("Nothing was measured here.")
    return found
