"""The study's seven conclusions, each tested on one machine's measurements.

docs/claims.md tells readers how.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ..machine_results import MachineResults
from . import cores, disk, few_tasks, lock, loops, pool_size, task
from .claim import Answer, Claim, Finding, finding_of

__all__ = ["Answer", "Claim", "examine"]

_CLAIMS: tuple[tuple[str, Callable[[MachineResults], Finding]], ...] = (
    (
        "The choice depends first on the task: IO-bound work wants async or a thread pool, "
        "CPU-bound work a process pool.",
        task.examine,
    ),
    (
        "Python's GIL makes threads useless for CPU-bound work, unlike in other languages.",
        lock.examine,
    ),
    (
        "A thread pool instead of async is worth considering when waits are short and tasks are "
        "few.",
        few_tasks.examine,
    ),
    (
        "A thread pool is the way out when no async library exists for the job, the disk for "
        "instance.",
        disk.examine,
    ),
    (
        "The machine matters: on one core neither threads nor processes help CPU-bound work; the "
        "more cores, the better.",
        cores.examine,
    ),
    (
        "A process pool for CPU-bound work should have as many workers as cores; a thread pool for "
        "IO-bound work may have several times more.",
        pool_size.examine,
    ),
    (
        "Async applications on many cores should run one copy of the process per core and share "
        "the work.",
        loops.examine,
    ),
)


def examine(machine: MachineResults) -> list[Claim]:
    """All seven in the study's order; those that lack runs say which."""
    claims = []
    for number, (text, test) in enumerate(_CLAIMS, 1):
        finding = finding_of(partial(test, machine))
        claims.append(Claim(number, text, finding.answer, finding.evidence))
    return claims
