"""What to pick on one machine: a model and a number of workers for each kind of work.

docs/verdicts.md tells readers how.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from .comparison import NOISE, is_as_fast, is_real_gain, ratio_of, ratio_of_walls, speedup
from .machine_results import MachineResults
from .summary import CaseSummary, Workers
from .verdicts import (
    baseline_of,
    called,
    called_as_baseline,
    is_blocked,
    memory_kb,
    memory_ratio,
    seconds,
    times,
)

_WORKS = {"io": "IO-bound work", "cpu": "CPU-bound work", "mixed": "mixed work"}


@dataclass(frozen=True)
class Recommendation:
    """`pick` is a model and its number of workers, as in "thread_pool with 16 workers"; `reason`
    and `runner_up`, the best case of another model, have the figures. None where no other model
    that has a bound was measured."""

    work: str
    pick: str
    reason: str
    runner_up: str | None


def recommend(machine: MachineResults) -> list[Recommendation]:
    """For IO-bound, CPU-bound and mixed work, in this order; work for which fewer than two models
    were measured, or none to compare the others with, is left out."""
    found = (_recommend(workload, _runs(machine, workload), machine.cores) for workload in _WORKS)
    return [recommendation for recommendation in found if recommendation is not None]


def _recommend(workload: str, runs: Sequence[CaseSummary], cores: int) -> Recommendation | None:
    baseline = baseline_of(runs)
    if baseline is None or len({run.model for run in runs}) < 2:
        return None
    jobs = _jobs(runs)
    bounded = [run for run in runs if _is_bounded(run, jobs, cores)]
    faster = [run for run in bounded if is_real_gain(speedup(run, baseline))]
    pick = _best(faster) if faster else baseline
    others = [run for run in bounded if run.model != pick.model]
    reason = _reason(pick, baseline, bounded) if faster else _reason_for_baseline(baseline, others)
    return Recommendation(
        work=_WORKS[workload],
        pick=called(pick),
        reason=f"{reason}{_unbounded_but_faster(pick, runs)}.",
        runner_up=_runner_up(_best(others), pick) if others else None,
    )


def _runs(machine: MachineResults, workload: str) -> list[CaseSummary]:
    """The study's cases and the sweep's, one for each model and number of workers. The study's own
    come first, because all of them were measured in the same rounds and their total memory is
    known."""
    runs: dict[tuple[str, int | None], CaseSummary] = {}
    for run in (*machine.cases, *machine.claims):
        comparable = run.arguments.keys() <= {"workers"} and run.successes and run.traits
        if run.workload == workload and comparable:
            runs.setdefault((run.model, run.workers), run)
    return list(runs.values())


def _is_per_job(run: CaseSummary) -> bool:
    return run.traits is not None and run.traits.workers is Workers.PER_JOB


def _jobs(runs: Sequence[CaseSummary]) -> float | None:
    """How many jobs the workload has: as many as those models used that start a worker for each."""
    used = [
        run.value(figure) or 0
        for run in runs
        if _is_per_job(run)
        for figure in ("threads", "processes")
    ]
    return max(used, default=0) or None


def _is_bounded(run: CaseSummary, jobs: float | None, cores: int) -> bool:
    """Whether what does well here can be expected to with more jobs. A pool that has a worker for
    every job is no better than a model that starts one, unless every worker has a core."""
    if _is_per_job(run):
        return False
    return run.workers is None or jobs is None or run.workers < jobs or run.workers <= cores


def _best(runs: Sequence[CaseSummary]) -> CaseSummary:
    """Of those as fast as the fastest: the least CPU time, then the fewest workers, then the least
    memory.

    The study's runs and the sweep's were not made in the same rounds. Ratios are taken round by
    round all the same: what drifts does not cancel out then, but shows in the interval's width.
    """
    fastest = min(runs, key=_wall_s)
    fast = [run for run in runs if run is fastest or is_as_fast(run, fastest)]
    return min(_cheapest(fast), key=lambda run: (run.workers or 0, _memory_order(run)))


def _cheapest(runs: Sequence[CaseSummary]) -> Sequence[CaseSummary]:
    """Those whose CPU time does not differ from the least by more than noise."""
    measured = [run for run in runs if run.cpu_s]
    if not measured:
        return runs
    least = _cpu_s(min(measured, key=_cpu_s))
    return [run for run in measured if _cpu_s(run) <= least * (1 + NOISE)]


def _memory_order(run: CaseSummary) -> float:
    """Runs of the sweep have no total: where that means several processes, it is taken for more
    than what was measured; a single process's resident set is never less than its total."""
    memory = memory_kb(run)
    return float("inf") if memory is None else memory


def _reason(pick: CaseSummary, baseline: CaseSummary, runs: Iterable[CaseSummary]) -> str:
    gain = speedup(pick, baseline)
    faster = f"{times(gain.value)} as fast as {called_as_baseline(baseline)}: " if gain else ""
    return f"{faster}{_figures(pick)}{_more_workers(pick, runs)}"


def _reason_for_baseline(baseline: CaseSummary, others: Sequence[CaseSummary]) -> str:
    if not others:
        return f"nothing else with a bound was measured: {_figures(baseline)}"
    best = min(others, key=_wall_s)
    gain = speedup(best, baseline)
    compared = f" ({called(best)}: {times(gain.value)} as fast)" if gain else ""
    drawback = "; but its loop stands still in blocking steps" if is_blocked(baseline) else ""
    return f"nothing is really faster{compared}: {_figures(baseline)}{drawback}"


def _figures(run: CaseSummary) -> str:
    figures = [f"{seconds(_wall_s(run))} of wall time"]
    if run.cpu_s:
        figures.append(f"{seconds(_cpu_s(run))} of CPU time")
    memory = memory_kb(run)
    if memory is not None:
        figures.append(f"{memory / 1024:.1f} MiB of memory")
    return ", ".join(figures)


def _more_workers(pick: CaseSummary, runs: Iterable[CaseSummary]) -> str:
    """Whether more were tried: the pick is as fast as the fastest of them."""
    most = max((run.workers or 0 for run in runs if run.model == pick.model), default=0)
    if pick.workers is None or most <= pick.workers:
        return ""
    return f"; more workers, up to {most}, gain nothing"


def _unbounded_but_faster(pick: CaseSummary, runs: Sequence[CaseSummary]) -> str:
    unbounded = [run for run in runs if _is_per_job(run)]
    if not unbounded:
        return ""
    fastest = min(unbounded, key=_wall_s)
    gain = speedup(fastest, pick)
    if gain is None or not is_real_gain(gain):
        return ""
    return f"; {called(fastest)} is {times(gain.value)} as fast, but without bound on its workers"


def _runner_up(other: CaseSummary, pick: CaseSummary) -> str:
    costs = []
    wall = ratio_of_walls(other, pick)
    if wall is not None:
        costs.append(f"{times(wall.value)} the time")
    cpu = ratio_of(other.cpu_s, pick.cpu_s)
    if cpu is not None:
        costs.append(f"{times(cpu)} the CPU time")
    memory = memory_ratio(other, pick)
    if memory is not None:
        costs.append(f"{times(memory)} the memory")
    return f"{called(other)}: {', '.join(costs)}" if costs else called(other)


def _wall_s(run: CaseSummary) -> float:
    return run.value("wall_s") or 0


def _cpu_s(run: CaseSummary) -> float:
    return median(run.cpu_s.values())
