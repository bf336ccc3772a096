"""Claim 4: reading files, for which an event loop has nothing to await."""

from __future__ import annotations

from ..comparison import is_real_gain
from ..machine_results import MachineResults
from ..verdicts import is_blocked
from .claim import Finding, fails, holds, unknown
from .runs import find, gain_of, wanted
from .wording import as_fast, named, standstill


def examine(machine: MachineResults) -> Finding:
    sequential, loop, pool = find(
        machine.claims,
        wanted("disk_sequential"),
        wanted("disk_async"),
        wanted("disk_thread_pool"),
    )
    gain, pool_gain = gain_of(loop, sequential), gain_of(pool, loop)
    figures = (
        f"{as_fast(loop, gain, sequential)}{standstill(loop)}.",
        f"{as_fast(pool, pool_gain, loop)}.",
    )
    if not _came_from_disk(machine):
        return unknown(*figures, _why_not_from_disk(machine))
    if is_real_gain(gain) and not is_blocked(loop):
        return fails(*figures, _awaits_files(machine))
    if not is_real_gain(pool_gain):
        return fails(
            *figures,
            f"{named(pool)} gains nothing either: this disk reads no faster when several ask.",
        )
    return holds(*figures)


def _came_from_disk(machine: MachineResults) -> bool:
    return str(machine.context.get("page_cache", "")).startswith("dropped")


def _why_not_from_disk(machine: MachineResults) -> str:
    if "page_cache" in machine.context:
        return (
            "The files came from the page cache, which could not be emptied, and not from the disk."
        )
    return "The results do not say whether the files came from the disk or from the page cache."


def _awaits_files(machine: MachineResults) -> str:
    event_loop = machine.context.get("event_loop")
    if event_loop == "io_uring":
        return (
            "The event loop is io_uring's, which reads files in the background: a library exists."
        )
    return f"The event loop ({event_loop or 'of an unknown kind'}) gains without a thread pool."
