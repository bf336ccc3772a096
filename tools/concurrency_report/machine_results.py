"""A study's folder as its report reads it: what was measured on one machine."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .journal import FILE as JOURNAL
from .machine import describe
from .results import Document, Json, ResultsError, Row, case_of, read
from .summary import CaseSummary, summarise

# The files of a machine's folder; those but the first may be missing.
RESULTS = "results.json"
MEMORY = "memory.json"
CLAIMS = "claims.json"
TIMELINES = "timelines"

# Of the memory pass: the peak of the proportional set sizes of all of a case's processes, summed.
TOTAL_PSS = "total_pss_kb"


@dataclass(frozen=True)
class MachineResults:
    """One machine, or one number of its cores. `cases` are the study's, with the total memory of
    the memory pass among their figures; `claims` are the runs that claims need besides, which may
    be missing; `traces` are Chrome traces by the name of the case. `context` is the study's, and
    where that has nothing to say (the disk's files), that of the runs for claims."""

    folder: Path
    context: Mapping[str, Json]
    cases: Sequence[CaseSummary]
    claims: Sequence[CaseSummary]
    traces: Mapping[str, Json]

    @property
    def host(self) -> str:
        return str(self.context.get("host_name", "unknown host"))

    @property
    def cores(self) -> int:
        cores = self.context.get("usable_cores")
        return cores if isinstance(cores, int) else 1

    @property
    def title(self) -> str:
        return f"{self.host}, {self.cores} core{'' if self.cores == 1 else 's'}"

    @property
    def description(self) -> str:
        return describe(self.context)


def load(folder: Path) -> list[MachineResults]:
    """The machines of a study: the folder itself, or the folders in it where the study was run on
    several numbers of cores, fewest first. Throws ResultsError, which names file and flaw."""
    if (folder / RESULTS).exists():
        return [_load_machine(folder)]
    if not folder.is_dir():
        raise ResultsError(f"{folder}: no such folder")
    inner = sorted(path.parent for path in folder.glob(f"*/{RESULTS}"))
    if not inner and (folder / JOURNAL).exists():
        raise ResultsError(
            f"{folder}: no study's results yet: go on with tools/study --resume {folder}"
        )
    if not inner:
        raise ResultsError(f"{folder}: no study's results: no {RESULTS} in it or in its folders")
    return sorted(map(_load_machine, inner), key=lambda machine: machine.cores)


def _load_machine(folder: Path) -> MachineResults:
    document = read(folder / RESULTS)
    if not isinstance(document.context.get("execution_models"), dict):
        raise ResultsError(
            f"{folder / RESULTS}: its context does not describe the 'execution_models': "
            "it was written by an older bench; run the study again"
        )
    memory = {row.name: row.counters for row in _rows(folder / MEMORY)}
    cases = summarise(document.rows, document.context)
    claims = _optional(folder / CLAIMS)
    return MachineResults(
        folder=folder,
        context={**({} if claims is None else claims.context), **document.context},
        cases=[
            case.with_figure(TOTAL_PSS, {0: memory[case.name][TOTAL_PSS]})
            if TOTAL_PSS in memory.get(case.name, {})
            else case
            for case in cases
        ],
        claims=[] if claims is None else summarise(claims.rows, claims.context),
        traces=_traces(folder / TIMELINES, [case.name for case in cases]),
    )


def _optional(path: Path) -> Document | None:
    return read(path) if path.exists() else None


def _rows(path: Path) -> Sequence[Row]:
    document = _optional(path)
    return () if document is None else document.rows


def timeline_file(name: str) -> str:
    """The name of a case's file among the timelines: its workers are told by its results."""
    return f"{case_of(name)}.json"


def _traces(folder: Path, names: Sequence[str]) -> Mapping[str, Json]:
    traces: dict[str, Json] = {}
    for name in names:
        path = folder / timeline_file(name)
        if not path.exists():
            continue
        try:
            traces[name] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ResultsError(f"{path}: no timeline: {error}") from error
    return traces
