"""What a study runs: every sample of every pass, in its order. Pure data, made from bench's lists.

The passes over one machine, one after another:
  warm-up  each case once, not counted; its timelines are kept
  study    the study's cases, `rounds` times, shuffled within each round: the samples
  memory   each case once while its processes' memory is added up, which takes time from it
  claims   what the claims need besides: worker sweeps, other models, other sizes
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

# Seven samples give an interval at 98 %. There are some four times as many runs as the study has
# cases, and more rounds of these would take most of the time.
MOST_ROUNDS_OF_CLAIMS = 7
_FETCHES = (3, 10, 30, 100)
_LATENCY_SCALES = (0, 1, 4)
_FETCHES_FOR_LOOPS = 1000
_WORKERS_FOR_WAITING = (1, 2, 4, 8, 16, 32)
_SHORT = "--benchmark_min_time=0.1"


class Pass(Enum):
    WARM_UP = "warm-up"
    STUDY = "study"
    MEMORY = "memory"
    CLAIMS = "claims"


@dataclass(frozen=True)
class Run:
    """A case with options of its own. `name` tells it from all others of its pass; `case` is what
    bench calls it. `defaults` are options that those of the whole study overrule. `processors` are
    those it may use, None for all of the machine's."""

    name: str
    case: str
    options: tuple[str, ...] = ()
    defaults: tuple[str, ...] = ()
    processors: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Step:
    """One sample to take: the run's, in one round of one pass."""

    machine: str
    pass_: Pass
    round: int
    run: Run

    @property
    def key(self) -> tuple[str, str, int, str]:
        return (self.machine, self.pass_.value, self.round, self.run.name)


@dataclass(frozen=True)
class Machine:
    """The machine, or some of its cores: `name` is its folder's, empty for the study's own folder.
    `processors` are None where none are set apart."""

    name: str
    cores: int
    processors: tuple[int, ...] | None
    origin_processors: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Experiment:
    """Runs that claims need: the cases that bench lists with these options and whose name matches
    `cases`. `suffix` tells them from the same cases with other options, as Google Benchmark tells
    arguments. `cores` limits them to so many of the machine's."""

    options: tuple[str, ...]
    cases: str
    suffix: str = ""
    cores: int | None = None
    needs_own_origin: bool = False


def experiments(cores: int, workers: Sequence[int] | None) -> list[Experiment]:
    """Those of a machine with so many cores. `workers` are the numbers to try, None for a choice of
    their own."""
    default_pool = min(32, cores + 4)  # of threads, as bench has it
    return [
        *_sweeps(cores, workers),
        _lock(),
        *_tasks(default_pool),
        _disk(default_pool),
        *_fewer_cores(cores),
        *_loops(cores),
    ]


def _sweeps(cores: int, workers: Sequence[int] | None) -> list[Experiment]:
    busy = sorted({1, 2, cores, 2 * cores, 4 * cores})
    waiting = sorted({*_WORKERS_FOR_WAITING, cores, 2 * cores})
    if workers is not None:
        # The number of cores is what pools for computing are compared at.
        waiting, busy = sorted(set(workers)), sorted({*workers, cores})
    return [
        Experiment(
            options=("--workers", ",".join(map(str, numbers))),
            cases=pattern,
        )
        for numbers, pattern in (
            (waiting, "io_(thread|process)_pool/"),
            (busy, "(cpu|mixed_async)_(thread|process)_pool/"),
        )
    ]


def _lock() -> Experiment:
    return Experiment(
        options=("--models", "sequential,threads,gil_threads", "--workloads", "cpu"),
        cases="cpu_(sequential|threads|gil_threads)/",
    )


def _tasks(default_pool: int) -> list[Experiment]:
    return [
        Experiment(
            options=(
                *("--fetches", str(fetches), "--latency-scale", str(scale)),
                *("--workers", str(default_pool)),
            ),
            cases=f"io_async/|io_thread_pool/workers:{default_pool}/",
            suffix=f"fetches:{fetches}/latency_scale:{scale}",
            needs_own_origin=True,
        )
        for fetches in _FETCHES
        for scale in _LATENCY_SCALES
    ]


def _disk(default_pool: int) -> Experiment:
    return Experiment(
        options=(
            *("--models", "sequential,async,thread_pool", "--workloads", "disk"),
            *("--workers", str(default_pool)),
        ),
        cases="disk_(sequential|async|thread_pool)/",
    )


def _fewer_cores(cores: int) -> list[Experiment]:
    """1, 2, 4 and so on, but not all: those are the study's own."""
    found = []
    fewer = 1
    while fewer < cores:
        cases = f"cpu_process_pool/workers:{fewer}/"
        if fewer == 1:
            cases += "|cpu_(sequential|threads|processes)/"
        found.append(
            Experiment(
                options=("--workers", str(fewer)),
                cases=cases,
                suffix=f"cores:{fewer}",
                cores=fewer,
            )
        )
        fewer *= 2
    return found


def _loops(cores: int) -> list[Experiment]:
    return [
        Experiment(
            options=(
                *("--models", "async,event_loop_per_process", "--workloads", "io"),
                *("--workers", str(cores), "--fetches", str(_FETCHES_FOR_LOOPS)),
                *("--latency-scale", "0", "--scheme", scheme),
            ),
            cases="io_(async|event_loop_per_process)/",
            suffix=f"fetches:{_FETCHES_FOR_LOOPS}/latency_scale:0/scheme:{scheme}",
            needs_own_origin=True,
        )
        for scheme in ("http", "https")
    ]


def runs_of(
    experiment: Experiment, cases: Sequence[str], processors: Sequence[int] | None
) -> list[Run]:
    """The experiment's runs of the cases, on these processors."""
    return [
        Run(
            name=with_suffix(case, experiment.suffix),
            case=case,
            options=experiment.options,
            defaults=(_SHORT,),
            processors=None if processors is None else tuple(processors),
        )
        for case in cases
    ]


def with_suffix(case: str, suffix: str) -> str:
    """In front of what Google Benchmark appends last."""
    if not suffix:
        return case
    head, slash, last = case.rpartition("/")
    return f"{head}/{suffix}/{last}" if slash else f"{case}/{suffix}"


def plan(
    machine: Machine,
    study: Sequence[Run],
    claims: Sequence[Run],
    rounds: int,
    rng: random.Random,
    *,
    measures_memory: bool,
) -> list[Step]:
    """All passes over one machine. Within a round the order is shuffled: what drifts on the
    machine, or follows upon a certain case, then falls on all cases alike."""
    passes: list[tuple[Pass, Sequence[Run], int]] = [
        (Pass.WARM_UP, study, 1),
        (Pass.STUDY, study, rounds),
        (Pass.MEMORY, study if measures_memory else (), 1),
        (Pass.CLAIMS, claims, min(rounds, MOST_ROUNDS_OF_CLAIMS)),
    ]
    return [
        Step(machine.name, pass_, index, run)
        for pass_, runs, times in passes
        for index in range(times)
        for run in rng.sample(runs, len(runs))
    ]


def choose_machines(
    numbers_of_cores: Sequence[int] | None, processors: Sequence[int] | None
) -> list[Machine]:
    """One machine a number of cores, the processors that are left over for the origin; or the
    machine as it is. Throws ValueError where there are not so many processors."""
    if numbers_of_cores is None:
        return [Machine("", len(processors) if processors else 1, None)]
    if processors is None:
        raise ValueError("this system does not let processes be kept on certain cores")
    machines = []
    for number in numbers_of_cores:
        if number > len(processors):
            have = len(processors)
            raise ValueError(f"{number} of {have} core{'' if have == 1 else 's'}")
        machines.append(
            Machine(
                name=f"{number}-core{'' if number == 1 else 's'}",
                cores=number,
                processors=tuple(processors[:number]),
                origin_processors=tuple(processors[number:]) or None,
            )
        )
    return machines
