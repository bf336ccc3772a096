"""The figures of the study in Python that this project follows, as its author published them."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from .results import ResultsError
from .summary import CaseSummary, EventLoop, Traits, Workers
from .verdicts import Mark

_FILE = Path(__file__).parent / "reference" / "published_python_results.csv"

_COLUMNS = (
    "machine",
    "cores",
    "case",
    "workers",
    "user_s",
    "sys_s",
    "wall_s",
    "cpu_percent",
    "max_rss_kb",
    "verdict",
)
_FIGURES = {
    "user_s": "user_s",
    "sys_s": "sys_s",
    "wall_s": "wall_s",
    "cpu_percent": "cpu_pct",
    "max_rss_kb": "max_rss_kb",
}
_MARKS = {"good": Mark.GOOD, "fair": Mark.FAIR, "poor": Mark.POOR}
_NUMBERS = [f"{number:02}" for number in range(1, 19)]

_WORKLOADS = {"io": "io", "cpu": "cpu", "io+cpu": "mixed", "io+io_blocking": "blocking"}
_JOBS = {"io": 30, "cpu": 21, "mixed": 10, "blocking": 20}

_TRAITS = {
    "sequential": Traits(Workers.NONE, EventLoop.ABSENT),
    "threads": Traits(Workers.PER_JOB, EventLoop.ABSENT),
    "processes": Traits(Workers.PER_JOB, EventLoop.ABSENT),
    "thread_pool": Traits(Workers.BOUNDED, EventLoop.ABSENT),
    "process_pool": Traits(Workers.BOUNDED, EventLoop.ABSENT),
    "async": Traits(Workers.NONE, EventLoop.STALLED),
    "async_sequential": Traits(Workers.NONE, EventLoop.STALLED),
    "async_thread_pool": Traits(Workers.BOUNDED, EventLoop.KEPT_FREE),
    "async_process_pool": Traits(Workers.BOUNDED, EventLoop.KEPT_FREE),
}


@dataclass(frozen=True)
class PublishedMachine:
    """One of the study's machines: each of the eighteen cases measured once, in round 0.

    Names of cases are ours ("io_thread_pool/workers:14"). `processes` and `threads` were not
    measured: they follow from the model. `marks` are the author's verdicts by the case's name.
    """

    name: str
    cores: int
    cases: Sequence[CaseSummary]
    marks: Mapping[str, Mark]


def published_machines() -> list[PublishedMachine]:
    """The three machines, in the study's order."""
    return parse(_FILE.read_text(encoding="utf-8"), _FILE.name)


def parse(text: str, source: str) -> list[PublishedMachine]:
    """Throws ResultsError, which names the line and the flaw; `source` is its name for the file."""
    reader = csv.DictReader(text.splitlines(), strict=True)
    try:
        if tuple(reader.fieldnames or ()) != _COLUMNS:
            raise ResultsError(f"{source}: its columns are not {', '.join(_COLUMNS)}")
        records = [_record(row, f"{source}: line {reader.line_num}") for row in reader]
    except csv.Error as error:
        raise ResultsError(f"{source}: line {reader.line_num}: {error}") from error
    if not records:
        raise ResultsError(f"{source}: has no cases")
    return [
        _machine(name, list(of), source)
        for name, of in groupby(records, key=lambda record: record.machine)
    ]


@dataclass(frozen=True)
class _Record:
    machine: str
    cores: int
    case: CaseSummary
    mark: Mark


def _machine(name: str, records: list[_Record], source: str) -> PublishedMachine:
    if len({record.cores for record in records}) != 1:
        raise ResultsError(f"{source}: {name} has several numbers of cores")
    if [record.case.number for record in records] != _NUMBERS:
        raise ResultsError(
            f"{source}: {name} does not have the cases 01 to 18, each once, in order"
        )
    return PublishedMachine(
        name=name,
        cores=records[0].cores,
        cases=[record.case for record in records],
        marks={record.case.name: record.mark for record in records},
    )


def _record(row: Mapping[str, str | None], source: str) -> _Record:
    cells = {column: row.get(column) for column in _COLUMNS}
    if None in row or None in cells.values():
        raise ResultsError(f"{source}: does not have {len(_COLUMNS)} cells")
    given = {column: cell or "" for column, cell in cells.items()}
    if not given["machine"]:
        raise ResultsError(f"{source}: names no machine")
    if given["verdict"] not in _MARKS:
        raise ResultsError(f"{source}: its verdict is none of {', '.join(_MARKS)}")
    return _Record(
        machine=given["machine"],
        cores=_count(given["cores"], "cores", source),
        case=_case(given, source),
        mark=_MARKS[given["verdict"]],
    )


def _case(given: Mapping[str, str], source: str) -> CaseSummary:
    """Of "14-io+cpu-async+thread_pool" and its figures."""
    number, _, rest = given["case"].partition("-")
    prefix, _, rest = rest.partition("-")
    workload, model = _WORKLOADS.get(prefix), rest.replace("+", "_").replace("-", "_")
    traits = _TRAITS.get(model)
    if workload is None or traits is None:
        raise ResultsError(f"{source}: no such case: {given['case']}")

    bounded = traits.workers is Workers.BOUNDED
    if bounded != bool(given["workers"]):
        raise ResultsError(f"{source}: pools have workers, other models none: {given['case']}")
    name = f"{workload}_{model}"
    workers = 0
    if bounded:
        workers = _count(given["workers"], "workers", source)
        name += f"/workers:{workers}"
    elif traits.workers is Workers.PER_JOB:
        workers = _JOBS[workload]

    in_processes = "process" in model
    figures = {
        **{ours: _figure(given[theirs], theirs, source) for theirs, ours in _FIGURES.items()},
        "processes": float(workers if in_processes else 0),
        "threads": float(0 if in_processes else workers),
    }
    return CaseSummary(
        name=name,
        number=number,
        samples={figure: {0: value} for figure, value in figures.items()},
        traits=traits,
    )


def _count(cell: str, column: str, source: str) -> int:
    if not _is_decimal(cell) or int(cell) == 0:
        raise ResultsError(f"{source}: its {column} is no number above zero: {cell!r}")
    return int(cell)


def _figure(cell: str, column: str, source: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or value < 0:
        raise ResultsError(f"{source}: its {column} is no figure: {cell!r}")
    return value


def _is_decimal(cell: str) -> bool:
    return cell.isascii() and cell.isdecimal()
