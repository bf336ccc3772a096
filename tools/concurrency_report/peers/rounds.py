"""Takes the runs: in each round all contests, of each its two sides one right after the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ..progress import Display, TimeLeft
from .contest import Contest, Figures, PeerError


@dataclass
class Outcome:
    """What a contest's runs cost, by round; only rounds that both sides came through. `error` is
    why it was given up, None if it was not."""

    contest: Contest
    ours: dict[int, Figures] = field(default_factory=dict)
    theirs: dict[int, Figures] = field(default_factory=dict)
    error: str | None = None


def take(
    contests: Sequence[Contest],
    repetitions: int,
    display: Display,
    interrupted: Callable[[], bool],
    clock: Callable[[], float] = time.monotonic,
) -> list[Outcome]:
    """Every other round theirs runs before ours, so that neither always follows the other. A
    contest that failed is not run again. What an interruption hits is dropped."""
    outcomes = [Outcome(contest) for contest in contests]
    left = TimeLeft([contest.name for contest in contests] * repetitions)
    display.begin(len(contests) * repetitions)
    try:
        for round_ in range(repetitions):
            for outcome in outcomes:
                name = outcome.contest.name
                display.starts(name)
                started = clock()
                if outcome.error is None:
                    _take(outcome, round_, interrupted)
                    if outcome.error is not None:
                        display.message(f"peers: {name} failed: {outcome.error}")
                if interrupted():
                    return outcomes
                took_s = clock() - started
                left.finished(name, took_s)
                display.ends(name, took_s, left)
    finally:
        display.end()
    return outcomes


def _take(outcome: Outcome, round_: int, interrupted: Callable[[], bool]) -> None:
    sides = [outcome.contest.ours, outcome.contest.theirs]
    figures: dict[str, Figures] = {}
    for side in sides if round_ % 2 == 0 else reversed(sides):
        try:
            found = side.run()
        except PeerError as error:
            if not interrupted():
                outcome.error = str(error)
            return
        if interrupted():
            return
        figures["ours" if side is sides[0] else "theirs"] = found
    outcome.ours[round_] = figures["ours"]
    outcome.theirs[round_] = figures["theirs"]
