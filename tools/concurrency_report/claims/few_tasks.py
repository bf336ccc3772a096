"""Claim 3: a thread pool instead of async."""

from __future__ import annotations

from ..comparison import is_real_gain
from ..crossing import Crossing, crossings
from ..machine_results import MachineResults
from .claim import CannotTellError, Finding, fails, holds, unknown
from .wording import counted, listed, times


def examine(machine: MachineResults) -> Finding:
    """Decided by two corners: few tasks with short waits, where the pool should keep up, and many
    with long ones, where async should be faster."""
    found = crossings(machine.claims)
    waiting = [each for each in found if each.latency_scale > 0]
    if not waiting:
        raise CannotTellError(
            "Not measured here: io_async and io_thread_pool with several numbers of fetches, and "
            "with latencies."
        )
    short, long = waiting[0], waiting[-1]
    evidence = [_sentence(crossing) for crossing in found]
    if short.fewest > short.workers or long.most <= long.workers:
        return unknown(
            *evidence,
            "To tell, it takes fewer tasks than the pool has workers as well as more.",
        )
    if not short.keeps_up(short.fewest):
        return fails(*evidence, f"Async is faster with as few as {short.fewest} tasks.")
    if not is_real_gain(long.gains[long.most]):
        return fails(*evidence, "The pool keeps up with many tasks and long waits as well.")
    return holds(*evidence)


def _sentence(crossing: Crossing) -> str:
    waits = "Without waits"
    if crossing.latency_scale > 0:
        waits = f"With waits of {crossing.mean_latency_ms:g} ms on average"
    return f"{waits}, {_course(crossing, f'the pool of {crossing.workers}')}."


def _course(crossing: Crossing, pool: str) -> str:
    upto, beyond = crossing.pool_keeps_up_to, crossing.async_from
    most = f"{times(crossing.gains[crossing.most])} as fast with {crossing.most}"
    if upto == crossing.most:
        return f"{pool} keeps up with as many as {counted(upto, 'task')}: async is {most}"
    if beyond == crossing.fewest:
        fewest = f"{times(crossing.gains[beyond])} as fast with {counted(beyond, 'task')}"
        return f"async is faster than {pool} throughout: {fewest}, {most}"
    if upto is not None and beyond is not None and _adjoin(crossing, upto, beyond):
        start = f"{pool} keeps up with up to {counted(upto, 'task')}"
        gain = f"{times(crossing.gains[beyond])} as fast"
        rest = "" if beyond == crossing.most else f", {most}"
        return f"{start}; from {beyond} on async is faster: {gain}{rest}"
    faster = [tasks for tasks in crossing.gains if not crossing.keeps_up(tasks)]
    greatest = max((crossing.gains[tasks] for tasks in faster), key=lambda gain: gain.value)
    kept = listed(tasks for tasks in crossing.gains if crossing.keeps_up(tasks))
    return (
        f"async is faster than {pool} with {listed(faster)} tasks, at most {times(greatest)} as "
        f"fast, and not with {kept}"
    )


def _adjoin(crossing: Crossing, upto: int, beyond: int) -> bool:
    return not any(upto < tasks < beyond for tasks in crossing.gains)
