"""Claim 1: whether the task decides which model is best."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from ..comparison import is_as_fast, is_real_gain
from ..machine_results import MachineResults
from ..sweep import sweeps
from .claim import Answer, Finding, combined, fails, finding_of, holds
from .runs import bounded, fastest_of, find, gain_of, keeps_up, wanted
from .wording import as_fast, counted, named, standstill, times, wall


def examine(machine: MachineResults) -> Finding:
    """That the choice differs is worth asking only where computing can be sped up."""
    waiting = finding_of(partial(_waiting, machine))
    computing = finding_of(partial(_computing, machine))
    if computing.answer is not Answer.HOLDS:
        return combined(waiting, computing)
    finding = combined(waiting, computing, finding_of(partial(_difference, machine)))
    return finding.with_remarks(*_larger_pool(machine))


def _waiting(machine: MachineResults) -> Finding:
    sequential, loop, pool, _ = find(
        machine.cases,
        wanted("io_sequential"),
        wanted("io_async"),
        wanted("io_thread_pool"),
        wanted("io_process_pool"),
    )
    best = fastest_of((loop, pool))
    gain = gain_of(best, sequential)
    other = pool if best is loop else loop
    figures = (
        f"IO-bound: {as_fast(best, gain, sequential)}, {named(other)} "
        f"{times(gain_of(other, sequential))}"
    )
    rival = fastest_of(bounded(machine.cases, "io"))
    if not is_real_gain(gain):
        return fails(f"{figures}: no real gain.")
    if not keeps_up(best, rival):
        return fails(f"{figures}; but {as_fast(rival, gain_of(rival, best), best)}.")
    return holds(f"{figures}.")


def _computing(machine: MachineResults) -> Finding:
    sequential, threads, pool = find(
        machine.cases,
        wanted("cpu_sequential"),
        wanted("cpu_thread_pool"),
        wanted("cpu_process_pool"),
    )
    gain = gain_of(pool, sequential)
    figures = f"CPU-bound: {as_fast(pool, gain, sequential)}"
    rival = fastest_of(bounded(machine.cases, "cpu"))
    if not is_real_gain(gain):
        alone = ": there is one core" if machine.cores == 1 else ""
        return fails(f"{figures}, which is no real gain{alone}.")
    if not keeps_up(pool, rival):
        return fails(f"{figures}; but {as_fast(rival, gain_of(rival, pool), pool)}.")
    if not keeps_up(threads, rival):
        return holds(f"{figures}, a thread pool {times(gain_of(threads, sequential))}.")
    return holds(
        f"{figures}; a thread pool computes as well, {times(gain_of(threads, sequential))} as fast "
        "with threads that, unlike Python's, share no lock."
    )


def _difference(machine: MachineResults) -> Finding:
    """Whether there is no model that would do for both: async is tried on the mixed work, pools on
    each."""
    loop, offloaded = find(machine.cases, wanted("mixed_async"), wanted("mixed_async_process_pool"))
    gain = gain_of(offloaded, loop)
    figures = f"{as_fast(offloaded, gain, loop)}{standstill(loop)}"
    if not is_real_gain(gain):
        return fails(f"{figures}: async alone computes as well.")
    both = _best_at_both(machine)
    if both is not None:
        return fails(
            f"{figures}.",
            f"One model, {both}, is as fast as the fastest at fetching and at computing alike: the "
            "task does not decide here.",
        )
    return holds(f"{figures}.")


def _best_at_both(machine: MachineResults) -> str | None:
    """A model that, with the same number of workers, is as fast as the fastest at either work."""
    io, cpu = bounded(machine.cases, "io"), bounded(machine.cases, "cpu")
    fetching = {(case.model, case.workers) for case in io if is_as_fast(case, fastest_of(io))}
    return next(
        (
            case.model
            + ("" if case.workers is None else f" with {counted(case.workers, 'worker')}")
            for case in cpu
            if (case.model, case.workers) in fetching and is_as_fast(case, fastest_of(cpu))
        ),
        None,
    )


def _larger_pool(machine: MachineResults) -> Sequence[str]:
    """A pool of another size than the study's may do what the study's does not."""
    async_runs = [case for case in machine.cases if case.case == "io_async" and case.successes]
    sweep = sweeps(machine.claims).get("io_thread_pool", ())
    sizes = {case.workers for case in machine.cases if case.case == "io_thread_pool"}
    for pool in sweep:
        if pool.workers not in sizes and all(is_as_fast(pool, run) for run in async_runs):
            jobs = machine.context.get("fetches")
            each = isinstance(jobs, int) and (pool.workers or 0) >= jobs
            return (
                f"A larger thread pool fetches as fast as async: {wall(pool)} with {pool.workers} "
                f"workers{', one for every fetch' if each else ''}.",
            )
    return ()
