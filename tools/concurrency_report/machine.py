"""What the results were measured on, in a line, from the context that bench writes."""

from __future__ import annotations

from collections.abc import Mapping

from .results import Json

_SHORT_COMMIT = 12


def describe(context: Mapping[str, Json]) -> str:
    """Parts that the context lacks are left out."""
    cores = context.get("usable_cores")
    commit = context.get("git_commit")
    compiler = [context.get("compiler"), context.get("compiler_flags")]
    parts = [
        context.get("host_name"),
        context.get("cpu_model"),
        f"{cores} usable core{'' if cores == 1 else 's'}" if cores is not None else None,
        context.get("kernel"),
        " ".join(part for part in compiler if isinstance(part, str)),
        f"commit {short_commit(commit)}" if isinstance(commit, str) else None,
    ]
    return ", ".join(part for part in parts if isinstance(part, str) and part)


def short_commit(commit: str) -> str:
    """What follows the number, as '-dirty' does, stays."""
    number, dash, state = commit.partition("-")
    return number[:_SHORT_COMMIT] + dash + state
