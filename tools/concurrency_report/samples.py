"""What becomes of samples: a line in the journal, a row in one of the study's documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from .bench import Sample, needs_origin
from .journal import JournalError
from .machine_results import CLAIMS, MEMORY, RESULTS
from .plan import MOST_ROUNDS_OF_CLAIMS, Pass, Step
from .planner import MachinePlan
from .results import Json, ResultsError, Row, merge, parse_row, write
from .study_options import StudyOptions

Entry = Mapping[str, Json]
Key = tuple[str, str, int, str]


def entry_of(step: Step, sample: Sample, *, with_context: bool) -> dict[str, Json]:
    """`with_context`: not all have it, to save room."""
    entry: dict[str, Json] = {
        "machine": step.machine,
        "pass": step.pass_.value,
        "round": step.round,
        "name": step.run.name,
        "row": dict(sample.row.raw),
    }
    if with_context and sample.context is not None:
        entry["context"] = dict(sample.context)
    return entry


def key_of(entry: Entry) -> Key:
    """As the step's that it is the sample of. Throws JournalError where it is no such line."""
    machine, pass_, index, name = (entry.get(k) for k in ("machine", "pass", "round", "name"))
    if (
        not isinstance(machine, str)
        or not isinstance(pass_, str)
        or not isinstance(index, int)
        or not isinstance(name, str)
    ):
        raise JournalError("the samples kept are malformed: start a new study")
    return machine, pass_, index, name


def row_of(entry: Entry) -> Row:
    try:
        return parse_row(entry.get("row"), f"the sample of {key_of(entry)[-1]}")
    except ResultsError as error:
        raise JournalError(f"{error}: start a new study") from error


def write_documents(
    folder: Path,
    plan: MachinePlan,
    options: StudyOptions,
    entries: Iterable[Entry],
    *,
    interrupted: bool,
) -> bool:
    """Writes the machine's results, memory and claims from the samples there are so far; whether
    there are any results."""
    of_machine = [entry for entry in entries if key_of(entry)[0] == plan.machine.name]
    more: dict[str, Json] = {
        "study_rounds": options.rounds,
        "study_seed": options.seed,
        "study_options": list(options.bench_options),
        "study_interrupted": interrupted,
        "study_origin": "own" if needs_origin(options.bench_options) else "given",
    }
    if plan.machine.origin_processors is not None:
        more["origin_affinity"] = list(plan.machine.origin_processors)
    written = False
    for pass_, file, names, rounds in (
        (Pass.STUDY, RESULTS, plan.cases, options.rounds),
        (Pass.MEMORY, MEMORY, plan.cases, 1),
        (Pass.CLAIMS, CLAIMS, plan.claims, min(options.rounds, MOST_ROUNDS_OF_CLAIMS)),
    ):
        found = [entry for entry in of_machine if key_of(entry)[1] == pass_.value]
        if not found:
            continue
        contexts = (entry.get("context") for entry in found)
        context = common_context([each for each in contexts if isinstance(each, dict)])
        samples = [(key_of(entry)[2], row_of(entry)) for entry in found]
        folder.mkdir(exist_ok=True)
        write(merge(context | more, names, samples, rounds), folder / file)
        written = written or pass_ is Pass.STUDY
    return written


def common_context(contexts: Sequence[Mapping[str, Json]]) -> dict[str, Json]:
    """What holds for all of them: where they say different things of a key, it is left out. Each
    lists the models that it had; together they list all."""
    common: dict[str, Json] = {}
    models: dict[str, Json] = {}
    differing = set()
    for context in contexts:
        for key, value in context.items():
            if common.setdefault(key, value) != value:
                differing.add(key)
        found = context.get("execution_models")
        if isinstance(found, dict):
            models |= found
    differing -= {"date", "load_avg"}  # those of the first
    return {key: value for key, value in common.items() if key not in differing} | (
        {"execution_models": models} if models else {}
    )
