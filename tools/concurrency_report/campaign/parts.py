"""The parts of the campaign: what is compared with what, and what has to come of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """`head` is the build that is judged, `patch` what is done to its source, None for nothing.
    `cases` are the beginnings of the names of the cases that are slower by that. `busy` keeps a
    core busy meanwhile. `minutes` are a run's, None for those of the whole campaign.

    Where nothing is slower at most `most_red` of `runs` may end with 1, and where cases are slower
    at least `fewest_hits` must be hits. Of the rows at most `most_undecided` may be left, a share,
    None for any."""

    name: str
    title: str
    head: str
    runs: int
    most_red: int
    fewest_hits: int = 0
    patch: str | None = None
    cases: Sequence[str] = ()
    busy: bool = False
    minutes: float | None = None
    most_undecided: float | None = None

    @property
    def wanted(self) -> str:
        if self.cases:
            return f"at least {self.fewest_hits} of {self.runs} hits"
        if self.most_undecided is not None:
            return f"at most {self.most_undecided:.0%} of rows not told"
        return f"at most {self.most_red} of {self.runs} red"


BASE = "base"

PARTS = (
    Part("idle", "a build against itself", BASE, 60, most_red=1),
    Part("busy", "the same while another program keeps a core busy", BASE, 20, 0, busy=True),
    Part("rebuilt", "the same source built in another folder", "the-same-elsewhere", 20, 1),
    Part("cpu", "cpu cases slowed by 5 %", "cpu", 30, 0, 27, "cpu.patch", ("cpu_",)),
    Part("io", "io and mixed cases slowed by 10 %", "io", 20, 0, 18, "io.patch", ("io_", "mixed_")),
    Part(
        *("ten-minutes", "a build against itself, ten minutes a run", BASE, 3),
        most_red=3,
        minutes=10.0,
        most_undecided=0.1,
    ),
)


def part_named(name: str) -> Part:
    return next(part for part in PARTS if part.name == name)
