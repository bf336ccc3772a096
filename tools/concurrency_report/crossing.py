"""Where async overtakes a thread pool as tasks become more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .comparison import is_no_more, speedup
from .estimate import Estimate
from .summary import CaseSummary

# What the origin's hosts take on average to answer at latency scale 1.
MEAN_LATENCY_MS = 16

_ASYNC = "io_async"
_POOL = "io_thread_pool"


@dataclass(frozen=True)
class Crossing:
    """One latency and one size of the pool. `gains` has for each number of tasks, fewest first, how
    many times as fast as the pool async is; never empty."""

    latency_scale: float
    workers: int
    gains: Mapping[int, Estimate]

    @property
    def mean_latency_ms(self) -> float:
        """Over all hosts; the first three, which are all that three tasks use, are the quickest."""
        return self.latency_scale * MEAN_LATENCY_MS

    @property
    def fewest(self) -> int:
        return min(self.gains)

    @property
    def most(self) -> int:
        return max(self.gains)

    @property
    def pool_keeps_up_to(self) -> int | None:
        """The number of tasks up to which, from the fewest on, the pool is as fast as async within
        the noise; None where it is not with the fewest."""
        found = None
        for tasks in self.gains:
            if not self.keeps_up(tasks):
                break
            found = tasks
        return found

    @property
    def async_from(self) -> int | None:
        """The number of tasks from which on, up to the most, async is faster beyond noise; None
        where it is not with the most."""
        found = None
        for tasks in sorted(self.gains, reverse=True):
            if self.keeps_up(tasks):
                break
            found = tasks
        return found

    def keeps_up(self, tasks: int) -> bool:
        """Whether the pool is as fast as async within the noise."""
        return is_no_more(self.gains[tasks])


def crossings(cases: Iterable[CaseSummary]) -> list[Crossing]:
    """Of the runs with a number of fetches and a latency, shortest latency first, then fewest
    workers. Numbers of tasks that lack one of the two models are left out."""
    cases = list(cases)
    loops = {_size(case): case for case in cases if case.case == _ASYNC and case.workers is None}
    gains: dict[tuple[float, int], dict[int, Estimate]] = {}
    for pool in _by_tasks(case for case in cases if case.case == _POOL):
        size, workers = _size(pool), pool.workers
        if size is None or size not in loops or workers is None:
            continue
        gain = speedup(loops[size], pool)
        if gain is not None:
            latency_scale, tasks = size
            gains.setdefault((latency_scale, workers), {})[tasks] = gain
    return [Crossing(*key, gains[key]) for key in sorted(gains)]


def _by_tasks(pools: Iterable[CaseSummary]) -> Sequence[CaseSummary]:
    return sorted(pools, key=lambda pool: (_size(pool) or (0, 0))[1])


def _size(case: CaseSummary) -> tuple[float, int] | None:
    """The latency scale and the number of tasks; None of runs that differ in anything else."""
    arguments = case.arguments
    if set(arguments) - {"workers"} != {"fetches", "latency_scale"}:
        return None
    try:
        return float(arguments["latency_scale"]), int(arguments["fetches"])
    except ValueError:
        return None
