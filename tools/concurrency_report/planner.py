"""Makes a study's plan from what bench says it has."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from . import memory
from .bench import Bench, BenchError
from .plan import Experiment, Machine, Run, Step, experiments, plan, runs_of
from .study_options import StudyOptions

STUDY = ("--study",)
_WORKERS_BY_CORES = re.compile(r"cpu_process_pool/workers:(\d+)(?:/|$)")


@dataclass(frozen=True)
class MachinePlan:
    """A machine and all that is to be run on it; `cases` and `claims` have the names of the runs in
    the order in which results are written."""

    machine: Machine
    cases: Sequence[str]
    claims: Sequence[str]
    steps: Sequence[Step]


def plan_machines(
    options: StudyOptions, bench: Bench, machines: Sequence[Machine], processors: Sequence[int]
) -> list[MachinePlan]:
    """`processors` are all that this process may use, empty where the system does not tell. Throws
    BenchError where bench does not take the options."""
    rng = random.Random(options.seed)
    return [_plan_machine(options, bench, machine, processors, rng) for machine in machines]


def _plan_machine(
    options: StudyOptions,
    bench: Bench,
    machine: Machine,
    processors: Sequence[int],
    rng: random.Random,
) -> MachinePlan:
    cores = cores_as_counted(bench, machine.processors)
    machine = replace(machine, cores=cores or machine.cores)
    cases = bench.cases(STUDY, filter=options.cases, processors=machine.processors)
    study = [Run(case, case, STUDY, processors=machine.processors) for case in cases]
    claims: dict[str, Run] = {}
    for experiment in experiments(machine.cores, options.workers):
        own = machine.processors or tuple(processors)
        if _can_be_made(experiment, bench, own):
            for run in _runs(experiment, options, bench, machine, own):
                claims.setdefault(run.name, run)
    steps = plan(
        machine,
        study,
        list(claims.values()),
        options.rounds,
        rng,
        measures_memory=memory.is_available(),
    )
    return MachinePlan(machine, cases, list(claims), steps)


def cores_as_counted(bench: Bench, processors: Sequence[int] | None = None) -> int | None:
    """As bench counts them, which knows of quotas, too: it gives a pool of processes one each. None
    where it has none such."""
    names = bench.cases(STUDY, processors=processors)
    found = (_WORKERS_BY_CORES.match(name) for name in names)
    return next((int(match[1]) for match in found if match), None)


def _can_be_made(experiment: Experiment, bench: Bench, processors: Sequence[int]) -> bool:
    """Servers that are not the study's own are asked for no more than the cases need, and no core
    can be set apart where the system has no notion of it."""
    if experiment.needs_own_origin and not bench.needs_origin:
        return False
    return experiment.cores is None or len(processors) >= experiment.cores


def _runs(
    experiment: Experiment,
    options: StudyOptions,
    bench: Bench,
    machine: Machine,
    processors: Sequence[int],
) -> list[Run]:
    limited = machine.processors if experiment.cores is None else processors[: experiment.cores]
    names = bench.cases(experiment.options, processors=limited)
    wanted = [name for name in names if re.match(experiment.cases, name)]
    if options.cases is not None:
        matching = _matching(bench, experiment, options.cases, limited)
        wanted = [name for name in wanted if name in matching]
    return runs_of(experiment, wanted, limited)


def _matching(
    bench: Bench, experiment: Experiment, filter: str, processors: Sequence[int] | None
) -> list[str]:
    """None where the filter, which is meant for the study's cases, matches none of these."""
    try:
        return bench.cases(experiment.options, filter=filter, processors=processors)
    except BenchError as error:
        if error.status != 2:
            raise
        return []
