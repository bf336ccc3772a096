"""What the samples of a case come to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from .estimate import Estimate, estimate
from .results import Json, Row, case_of, workload_of


class Workers(Enum):
    """How many workers a model has: none, one for each job, or as many as it is told."""

    NONE = "none"
    PER_JOB = "per_job"
    BOUNDED = "bounded"


class EventLoop(Enum):
    """Whether a model has an event loop, and whether blocking steps stall it."""

    ABSENT = "absent"
    STALLED = "stalled"
    KEPT_FREE = "kept_free"


@dataclass(frozen=True)
class Traits:
    """What a model is, as bench says in the context of its results."""

    workers: Workers
    event_loop: EventLoop


@dataclass(frozen=True)
class CaseSummary:
    """One case; `samples` has of each figure (a counter's key) the value in each round.

    A figure that no sample has is absent; of a failed case there are none. `error` is the first
    failed sample's, also where others succeeded. `traits` is None for a model that the context does
    not describe.
    """

    name: str
    number: str | None
    samples: Mapping[str, Mapping[int, float]] = field(default_factory=dict)
    error: str | None = None
    traits: Traits | None = None

    @property
    def case(self) -> str:
        return case_of(self.name)

    @property
    def workload(self) -> str:
        return workload_of(self.name)

    @property
    def model(self) -> str:
        return self.case.removeprefix(f"{self.workload}_")

    @property
    def arguments(self) -> Mapping[str, str]:
        """{"workers": "6"} of "io_thread_pool/workers:6/real_time"."""
        parts = (part.partition(":") for part in self.name.split("/")[1:])
        return {key: value for key, colon, value in parts if colon}

    @property
    def workers(self) -> int | None:
        workers = self.arguments.get("workers", "")
        return int(workers) if workers.isdecimal() else None

    @property
    def successes(self) -> int:
        return len(self.of("wall_s"))

    def of(self, figure: str) -> Mapping[int, float]:
        """The figure in each round; empty where it cannot be had."""
        return self.samples.get(figure, {})

    def estimate(self, figure: str) -> Estimate | None:
        return estimate(self.of(figure).values())

    def value(self, figure: str) -> float | None:
        """The median."""
        found = self.estimate(figure)
        return None if found is None else found.value

    @property
    def cpu_s(self) -> Mapping[int, float]:
        """User and kernel time together, round by round: their sum is exact, their shares are not
        on every system."""
        system = self.of("sys_s")
        return {i: user + system[i] for i, user in self.of("user_s").items() if i in system}

    def with_figure(self, figure: str, values: Mapping[int, float]) -> CaseSummary:
        return replace(self, samples={**self.samples, figure: values})


def summarise(rows: Iterable[Row], context: Mapping[str, Json] | None = None) -> list[CaseSummary]:
    """One summary a case, in the order of first appearance; aggregates in the file are ignored.

    The round is the row's repetition index, or its place among the rows of its case where the file
    does not tell them apart by that.
    """
    by_name: dict[str, list[Row]] = {}
    for row in rows:
        if not row.is_aggregate:
            by_name.setdefault(row.name, []).append(row)
    return [_summarise_case(found, context or {}) for found in by_name.values()]


def _summarise_case(rows: list[Row], context: Mapping[str, Json]) -> CaseSummary:
    indices = [row.raw.get("repetition_index") for row in rows]
    distinct = len(set(map(str, indices))) == len(indices)
    samples: dict[str, dict[int, float]] = {}
    for place, (row, index) in enumerate(zip(rows, indices, strict=True)):
        if row.error is not None:
            continue
        number = index if distinct and isinstance(index, int) else place
        figures = dict(row.counters)
        if row.wall_s is not None:
            figures["wall_s"] = row.wall_s
        for figure, value in figures.items():
            samples.setdefault(figure, {})[number] = value
    summary = CaseSummary(
        name=rows[0].name,
        # A failed sample may lack the label that the others have.
        number=next((row.number for row in rows if row.number is not None), None),
        samples=samples,
        error=next((row.error for row in rows if row.error is not None), None),
    )
    return replace(summary, traits=traits_of(summary.model, context))


def traits_of(model: str, context: Mapping[str, Json]) -> Traits | None:
    models = context.get("execution_models")
    traits = models.get(model) if isinstance(models, dict) else None
    if not isinstance(traits, dict):
        return None
    try:
        return Traits(Workers(traits.get("workers")), EventLoop(traits.get("event_loop")))
    except ValueError:
        return None
