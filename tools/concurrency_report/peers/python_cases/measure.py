"""What a run cost, in bench's counters."""

from __future__ import annotations

import gc
import re
import resource
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

_CLEAR_REFS = Path("/proc/self/clear_refs")
_RESET_PEAK = "5"
_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)


def measure(run: Callable[[], None]) -> dict[str, float]:
    """wall_s, user_s and sys_s of this process and of its children, max_rss_kb of the largest of
    these in KiB, left out where the system has no way to tell it of the run alone.

    The children that the run starts must be reaped within it.
    """
    gc.collect()
    has_peak = _reset_peak()
    before, started = _cpu_s(), time.monotonic()
    run()
    wall_s, after = time.monotonic() - started, _cpu_s()
    figures = {"wall_s": wall_s, "user_s": after[0] - before[0], "sys_s": after[1] - before[1]}
    if has_peak and (own := _PEAK.search(Path("/proc/self/status").read_text())):
        largest_child_kb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        figures["max_rss_kb"] = max(int(own[1]), largest_child_kb)
    return figures


def _cpu_s() -> tuple[float, float]:
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + children.ru_utime, own.ru_stime + children.ru_stime


def _reset_peak() -> bool:
    """Of this process: unlike ru_maxrss, which is kept for good, even by what a process becomes."""
    with suppress(OSError):
        _CLEAR_REFS.write_text(_RESET_PEAK)
        return True
    return False
