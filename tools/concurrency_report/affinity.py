"""The processors that this process and its children may use."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial


def usable_processors() -> list[int] | None:
    """Their numbers, ascending; None where the system has no notion of it."""
    if not hasattr(os, "sched_getaffinity"):
        return None
    return sorted(os.sched_getaffinity(0))


def pinned_to(processors: Sequence[int] | None) -> Callable[[], None] | None:
    """For a child before it becomes another program: keeps it on these processors."""
    return None if processors is None else partial(os.sched_setaffinity, 0, processors)
