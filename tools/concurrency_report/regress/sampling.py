"""Pairs: the same case by base and by head, one right after the other, in an order by chance."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeGuard

import numpy as np

from ..bench import Bench
from ..metrics import CPU, MEMORY, WALL
from ..plan import Run
from ..results import Json
from .quiet import Quiet
from .statistics import Flags, Floats

METRICS = (WALL, CPU, MEMORY)

# Short, so that a minute has many: overruled by options of one's own.
WORKLOAD = ("--latency-scale=0.1", "--fibonacci=28:34:1", "--benchmark_min_time=0")

# Pairs after which a machine that disturbed most of them is taken for busy.
_TRIED_AT_LEAST = 40
_MOST_DISTURBED = 0.75


@dataclass(frozen=True)
class Side:
    """`name` is "base" or "head", or what else errors should call it."""

    name: str
    bench: Bench


@dataclass(frozen=True)
class Failure:
    """Of a case in one of the two builds."""

    case: str
    side: str
    reason: str


@dataclass
class Pairs:
    """What has been taken. `ratios` has for each case a row a pair: the logarithm of head's figure
    to base's in each of METRICS, NaN where there is none; `measured` says of each whether any
    sample of the case, of either side, had a figure."""

    ratios: dict[str, list[Floats]] = field(default_factory=dict)
    measured: dict[str, Flags] = field(default_factory=dict)
    failures: dict[str, Failure] = field(default_factory=dict)
    taken: int = 0
    dropped: int = 0
    reasons: dict[str, int] = field(default_factory=dict)

    @property
    def is_too_disturbed(self) -> bool:
        tried = self.taken + self.dropped
        return tried >= _TRIED_AT_LEAST and self.dropped > _MOST_DISTURBED * tried

    def is_measured(self, case: str, metric: int) -> bool:
        return case in self.measured and bool(self.measured[case][metric])

    def data(self, case: str) -> Floats:
        """(metric, pair)"""
        return np.array(self.ratios.get(case, []), dtype=float).reshape(-1, len(METRICS)).T


class Sampler:
    """Takes pairs of `first` and `second`. `is_over` is asked before each pair; once it says so,
    or there was an interruption, no more are taken."""

    def __init__(
        self,
        first: Side,
        second: Side,
        quiet: Quiet,
        chance: random.Random,
        is_over: Callable[[], bool],
        *,
        keep_disturbed: bool = False,
    ) -> None:
        self.pairs = Pairs()
        self._sides = (first, second)
        self._quiet = quiet
        self._chance = chance
        self._is_over = is_over
        self._keep_disturbed = keep_disturbed

    def take(self, wanted: Mapping[str, int]) -> None:
        """Until each case has as many pairs as wanted, has failed, or it is over. Cases are
        shuffled. Disturbed pairs are taken again, after the others."""
        missing = {
            case: many - len(self.pairs.ratios.get(case, [])) for case, many in wanted.items()
        }
        waiting = [case for case, many in missing.items() for _ in range(many)]
        while waiting:
            self._chance.shuffle(waiting)
            again = []
            for case in waiting:
                if self._is_over() or self.pairs.is_too_disturbed:
                    return
                if case not in self.pairs.failures and not self._pair(case):
                    again.append(case)
            waiting = again

    def _pair(self, case: str) -> bool:
        """False where it has to be taken again."""
        order = [0, 1]
        self._chance.shuffle(order)
        self._quiet.begin()
        found: dict[int, list[float | None]] = {}
        for place in order:
            side = self._sides[place]
            sample = side.bench.sample(Run(case, case, defaults=WORKLOAD), origin=None)
            if self._is_over():
                return True
            if sample.row.error is not None:
                self.pairs.failures[case] = Failure(case, side.name, sample.row.error)
                return True
            found[place] = [metric.value(sample.row.counters) for metric in METRICS]
        disturbance = self._quiet.disturbance()
        if disturbance is not None and not self._keep_disturbed:
            self.pairs.dropped += 1
            self.pairs.reasons[disturbance] = self.pairs.reasons.get(disturbance, 0) + 1
            return False
        self.pairs.taken += 1
        ratios = [_log_ratio(*each) for each in zip(found[0], found[1], strict=True)]
        self.pairs.ratios.setdefault(case, []).append(np.array(ratios))
        some = [any(map(_is_figure, each)) for each in zip(found[0], found[1], strict=True)]
        self.pairs.measured[case] = (
            self.pairs.measured.get(case, np.zeros(len(METRICS), bool)) | some
        )
        return True


def context_of(side: Side, case: str) -> Mapping[str, Json] | Failure:
    """Runs the case once, which also brings the program into memory before anything counts."""
    sample = side.bench.sample(Run(case, case, defaults=WORKLOAD), origin=None)
    if sample.context is None:
        return Failure(case, side.name, sample.row.error or "wrote no context")
    return sample.context


def _log_ratio(first: float | None, second: float | None) -> float:
    """NaN where either is missing; a zero compares with nothing."""
    if not (_is_figure(first) and _is_figure(second)):
        return float("nan")
    return float(np.log(second / first))


def _is_figure(value: float | None) -> TypeGuard[float]:
    return value is not None and value > 0
