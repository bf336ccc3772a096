"""What decides what a study runs; kept with its samples, so that it can be gone on with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .journal import JournalError
from .results import Json


@dataclass(frozen=True)
class StudyOptions:
    """`cases` is a regular expression as bench takes it, None for all of the study's. `workers` are
    the numbers to try in sweeps, None for the usual ones; `cores` the numbers of cores to repeat
    the study on, None for the machine as it is."""

    bench: Path
    rounds: int
    seed: int
    cases: str | None = None
    workers: Sequence[int] | None = None
    cores: Sequence[int] | None = None
    bench_options: Sequence[str] = ()

    def to_json(self) -> dict[str, Json]:
        return {
            "bench": str(self.bench),
            "rounds": self.rounds,
            "seed": self.seed,
            "cases": self.cases,
            "workers": None if self.workers is None else list(self.workers),
            "cores": None if self.cores is None else list(self.cores),
            "bench_options": list(self.bench_options),
        }

    @classmethod
    def from_json(cls, study: Mapping[str, Json], source: str) -> StudyOptions:
        """Throws JournalError, which names the source, where something is missing or wrong."""
        bench, cases = study.get("bench"), study.get("cases")
        if not isinstance(bench, str) or not (cases is None or isinstance(cases, str)):
            raise JournalError(f"{source}: line 1: malformed: start a new study")
        return cls(
            bench=Path(bench),
            rounds=_whole(study.get("rounds"), source),
            seed=_whole(study.get("seed"), source),
            cases=cases,
            workers=_numbers(study.get("workers"), source),
            cores=_numbers(study.get("cores"), source),
            bench_options=[str(each) for each in _list(study.get("bench_options"), source)],
        )


def _whole(value: Json, source: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise JournalError(f"{source}: line 1: malformed: start a new study")
    return value


def _list(value: Json, source: str) -> list[Json]:
    if not isinstance(value, list):
        raise JournalError(f"{source}: line 1: malformed: start a new study")
    return value


def _numbers(value: Json, source: str) -> list[int] | None:
    return None if value is None else [_whole(each, source) for each in _list(value, source)]
