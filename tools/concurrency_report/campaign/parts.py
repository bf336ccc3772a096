"""The parts of the campaign: what is compared with what, and what has to come of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """`head` is the build that is judged, `patch` what is done to its source, None for nothing.
    `cases` are the beginnings of the names of the cases that are slower by that. `busy` keeps a
    core busy meanwhile. Of `runs` at least `fewest_red` and at most `most_red` may end with 1."""

    name: str
    title: str
    head: str
    runs: int
    fewest_red: int
    most_red: int
    patch: str | None = None
    cases: Sequence[str] = ()
    busy: bool = False


BASE = "base"

PARTS = (
    Part("idle", "a build against itself", BASE, 60, 0, 1),
    Part("busy", "the same while another program keeps a core busy", BASE, 20, 0, 0, busy=True),
    Part("rebuilt", "the same source built in another folder", "the-same-elsewhere", 20, 0, 1),
    Part("cpu", "cpu cases with 5 % more work", "cpu", 30, 27, 30, "cpu.patch", ("cpu_",)),
    Part(
        "io",
        "io and mixed cases with 10 % more work",
        "io",
        20,
        18,
        20,
        "io.patch",
        ("io_", "mixed_"),
    ),
)


def part_named(name: str) -> Part:
    return next(part for part in PARTS if part.name == name)
