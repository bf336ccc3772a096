"""Which groups of contests there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from .compute_groups import cpu, python
from .contest import Contest
from .fetch_groups import fresh, keepalive, memory
from .setting import Missing, Setting

GROUPS: Mapping[str, Callable[[Setting], Iterator[Contest | Missing]]] = {
    "fresh": fresh,
    "keepalive": keepalive,
    "memory": memory,
    "cpu": cpu,
    "python": python,
}
