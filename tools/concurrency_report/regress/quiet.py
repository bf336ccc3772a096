"""Whether other work had the processors while a pair was taken."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from ..child_setup import usable_processors

# Longer than what the kernel lets a program that has just woken up run before others get their
# turn, so that a busy processor shows.
_TURNS = 250_000
# Other programs make the loop wait, which its own CPU time shows: on an idle virtual machine 1 % of
# looks waited for more than this, beside another program that keeps a core busy 69 %.
_WAITED = 1.1
# What the clock alone shows may be the host's doing, and that comes and goes in milliseconds: there
# two thirds of looks at an idle machine found the loop 1.3 times slower, 1 to 2 % twice.
_SLOWER = 2.0
_STOLEN = 0.05
# Pairs follow each other at once as a rule: the look after one is that before the next then.
_STILL_FRESH_S = 0.01
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
# Of many processors some are looked at, for looking takes time.
_MOST_PROCESSORS = 4
_STEAL_FIELD = 8


@dataclass(frozen=True)
class Spin:
    """What the fixed loop took on one processor, by the clock and of that processor's time."""

    wall_s: float
    cpu_s: float


class Quiet:
    """Asked before and after each pair. `known_spin_s` is what the loop takes undisturbed, if that
    is known from an earlier run: a machine that is busy all the time could not tell by itself."""

    def __init__(
        self,
        known_spin_s: float | None = None,
        spin: Callable[[], Sequence[Spin]] | None = None,
        stolen_s: Callable[[], float] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._known_s = known_spin_s
        self._spin = spin or spin_everywhere
        self._stolen_s = stolen_s or stolen_from_all_s
        self._clock = clock
        self._spins: list[float] = []
        self._began = (0.0, 0.0)
        self._looks: list[Spin] = []
        self._latest: list[Spin] = []
        self._looked_at = -math.inf

    @property
    def undisturbed_s(self) -> float | None:
        """The median of the faster half of all: right as long as half of them were undisturbed."""
        half = sorted(self._spins)[: (len(self._spins) + 1) // 2]
        if not half:
            return self._known_s
        return median(half) if self._known_s is None else min(median(half), self._known_s)

    def begin(self) -> None:
        self._began = (self._clock(), self._stolen_s())
        is_fresh = self._began[0] - self._looked_at < _STILL_FRESH_S
        self._looks = self._latest if is_fresh else self._spun()

    def disturbance(self) -> str | None:
        """What disturbed since `begin`, in words; None if nothing did."""
        looks = self._looks + self._spun()
        since, stolen_before = self._began
        stolen = self._stolen_s() - stolen_before
        # A clock tick is as little as can be told.
        if stolen > max(_STOLEN * (self._clock() - since), 1.5 / _TICKS_PER_SECOND):
            return "processors were taken away by the host"
        if any(look.wall_s > _WAITED * look.cpu_s for look in looks):
            return "other programs had the processors"
        undisturbed = self.undisturbed_s
        slowest = max(look.wall_s for look in looks)
        if undisturbed is not None and slowest > _SLOWER * undisturbed:
            return "a fixed loop took longer than undisturbed"
        return None

    def _spun(self) -> list[Spin]:
        looks = list(self._spin())
        self._spins.extend(look.wall_s for look in looks)
        self._latest, self._looked_at = looks, self._clock()
        return looks


def spin_everywhere() -> list[Spin]:
    """A fixed loop on each of the processors, or on any where they cannot be chosen."""
    processors = usable_processors()
    if processors is None:
        return [_spin_once()]
    every = max(1, len(processors) // _MOST_PROCESSORS)
    try:
        taken = []
        for processor in processors[::every][:_MOST_PROCESSORS]:
            os.sched_setaffinity(0, [processor])
            taken.append(_spin_once())
        return taken
    finally:
        os.sched_setaffinity(0, processors)


def stolen_from_all_s(stat: Path = Path("/proc/stat")) -> float:
    """Seconds that the host of this virtual machine gave to others, of all processors together; 0
    where the system does not tell."""
    try:
        fields = stat.read_text().split("\n", 1)[0].split()
        return int(fields[_STEAL_FIELD]) / _TICKS_PER_SECOND
    except (OSError, IndexError, ValueError):
        return 0.0


def _spin_once() -> Spin:
    cpu, wall = time.thread_time(), time.perf_counter()
    for _ in range(_TURNS):
        pass
    return Spin(time.perf_counter() - wall, time.thread_time() - cpu)
