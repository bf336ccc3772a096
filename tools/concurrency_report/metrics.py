"""The figures that versions are compared by, and which way is better."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum


class Better(Enum):
    LESS = "less"
    MORE = "more"
    NEITHER = "neither"


@dataclass(frozen=True)
class Metric:
    """`key` is a counter's, or of one that is made of counters; `value` reads it from them, None
    where there is none."""

    key: str
    title: str
    better: Better
    value: Callable[[Mapping[str, float]], float | None]


def counter(key: str, title: str | None = None) -> Metric:
    return Metric(key, title or key, direction_of(key), lambda counters: counters.get(key))


def direction_of(key: str) -> Better:
    """Of a counter by its name: what is spent, waited for or held should be less. Google
    Benchmark's rates should be more. How a case came about, and what is not known here, is neither.
    """
    if key.endswith("_per_second"):
        return Better.MORE
    spent = key.endswith(("_s", "_kb", "_ctx", "_faults"))
    return Better.LESS if spent else Better.NEITHER


def _cpu_s(counters: Mapping[str, float]) -> float | None:
    user, system = counters.get("user_s"), counters.get("sys_s")
    return None if user is None or system is None else user + system


WALL = counter("wall_s", "wall")
# Kernels divide a short run's time between the two by chance.
CPU = Metric("cpu_s", "CPU", Better.LESS, _cpu_s)
MEMORY = counter("max_rss_kb", "max RSS")
