"""One of ours beside one of theirs, and what they are compared by. Pure data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from ..metrics import CPU, MEMORY, WALL, Better, Metric, counter

Figures = Mapping[str, float]
"""What a run cost, by the keys of counters."""

FETCH_CPU = counter("cpu_per_fetch_s", "CPU per fetch")
FETCHES = counter("fetches_per_second", "fetches per second")
PROGRAM_WALL = counter("program_wall_s", "wall of the program")
PROGRAM_CPU = counter("program_cpu_s", "CPU of the program")
CONNECTION = counter("rss_per_connection_kb", "memory per connection")


class PeerError(Exception):
    """A run failed, or cannot be had; its text is one line."""


class Column(Enum):
    """Where a quantity stands in the table."""

    WALL = "wall"
    CPU = "CPU"
    MEMORY = "memory"
    RATE = "per second"


@dataclass(frozen=True)
class Quantity:
    """`bound` is what the ratio of our figure to theirs should reach: at most that much where less
    is better, at least where more is; None where nothing is asked for."""

    column: Column
    metric: Metric
    bound: float | None = None

    def reached(self, ratio: float) -> bool | None:
        if self.bound is None:
            return None
        return ratio >= self.bound if self.metric.better is Better.MORE else ratio <= self.bound

    @property
    def asked(self) -> str:
        """The bound in words, empty for none."""
        if self.bound is None:
            return ""
        return f"{'≥' if self.metric.better is Better.MORE else '≤'} {self.bound:.3g}"


@dataclass(frozen=True)
class Side:
    """`run` runs it once and throws PeerError."""

    name: str
    run: Callable[[], Figures]


@dataclass(frozen=True)
class Contest:
    group: str
    ours: Side
    theirs: Side
    quantities: tuple[Quantity, ...]

    @property
    def name(self) -> str:
        return f"{self.group}: {self.ours.name} against {self.theirs.name}"


def costs(
    wall: float | None = None, cpu: float | None = None, memory: float | None = None
) -> tuple[Quantity, ...]:
    """What every case has, with what is asked of each."""
    return (
        Quantity(Column.WALL, WALL, wall),
        Quantity(Column.CPU, CPU, cpu),
        Quantity(Column.MEMORY, MEMORY, memory),
    )


def fetch_costs(
    cpu: float | None = None, rate: float | None = None, *, memory: bool = False
) -> tuple[Quantity, ...]:
    """For runs that may differ in how much they fetch."""
    return (
        Quantity(Column.CPU, FETCH_CPU, cpu),
        *((Quantity(Column.MEMORY, MEMORY),) if memory else ()),
        Quantity(Column.RATE, FETCHES, rate),
    )
