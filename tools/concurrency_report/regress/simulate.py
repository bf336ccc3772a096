"""The whole procedure over and over with made-up pairs: how often it is wrong, how often it finds
what is there.

`Decisions` is the one that judges commits. Only taking samples is made up: a pair's log-ratio is
normal, the time is a number of pairs, and the noise floor comes from pairs of base against itself,
as many as are taken in earnest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from .decision import LEVELS, Decisions, Ints, Verdict
from .noise import PAIRS_OF_BASE, floor_of_one
from .statistics import Flags, Floats

CASES = 18
METRICS = 3
STANDARD_DEVIATIONS = (0.017, 0.038, 0.056)
_AT_ONCE = 100


@dataclass(frozen=True)
class Scenario:
    """`deviation` is a pair's, of the log-ratio. The first `slowed` cases are slower by `slowdown`,
    in wall time and CPU time. `pairs` are what the time is enough for, over all cases."""

    deviation: float
    pairs: int
    slowed: int = 0
    slowdown: float = 0.0


@dataclass(frozen=True)
class Outcome:
    """Shares of the runs, but for the last two, which are shares of all rows: of those slower in
    truth how many were found, and of all how many ended as "can't tell"."""

    alarms: float
    false_alarms: float
    all_found: float
    found: float
    cant_tell: float


def simulate(scenario: Scenario, runs: int, seed: int) -> Outcome:
    random = np.random.default_rng(seed)
    verdicts = np.concatenate(
        [
            _verdicts(scenario, min(_AT_ONCE, runs - start), random)
            for start in range(0, runs, _AT_ONCE)
        ]
    )
    regressed = verdicts == Verdict.REGRESSED
    slower = np.zeros((CASES, METRICS), dtype=bool)
    slower[: scenario.slowed, :2] = True
    named = np.any(regressed[:, : scenario.slowed], axis=-1)
    return Outcome(
        alarms=_share(np.any(regressed, axis=(1, 2))),
        false_alarms=_share(np.any(regressed & ~slower, axis=(1, 2))),
        all_found=_share(np.all(named, axis=-1)),
        found=_share(named),
        cant_tell=_share(verdicts == Verdict.CANT_TELL),
    )


def as_text(scenarios: Sequence[Scenario], runs: int, seed: int) -> Iterator[str]:
    """Two lines of heading and one for each, as soon as it is known."""
    yield f"{runs} simulated runs each, {CASES} cases, {METRICS} metrics, seed {seed}"
    yield "pair sd  pairs  slowed      alarms  false alarms  cases found  all of them  can't tell"
    for each in scenarios:
        found = simulate(each, runs, seed)
        slowed = f"{each.slowed} by {each.slowdown:.0%}" if each.slowed else "none"
        shares = (
            f"{found.found:11.1%}  {found.all_found:11.1%}"
            if each.slowed
            else f"{'-':>11}  {'-':>11}"
        )
        yield (
            f"{each.deviation:7.1%}  {each.pairs:5}  {slowed:10}  {found.alarms:6.2%}  "
            f"{found.false_alarms:12.2%}  {shares}  {found.cant_tell:10.1%}"
        )


def scenarios() -> list[Scenario]:
    """A minute and ten minutes of pairs: nothing changed, one case or the five cpu cases slower by
    5 %, ten other cases slower by 10 %."""
    return [
        Scenario(deviation, pairs, slowed, slowdown)
        for slowed, slowdown in ((0, 0.0), (1, 0.05), (5, 0.05), (10, 0.10))
        for pairs in (300, 3000)
        for deviation in STANDARD_DEVIATIONS
    ]


def _verdicts(scenario: Scenario, runs: int, random: np.random.Generator) -> Ints:
    shape = (runs, CASES, METRICS)
    data = random.normal(0, scenario.deviation, size=(*shape, LEVELS[-1]))
    data[:, : scenario.slowed, :2] += np.log1p(scenario.slowdown)
    base = random.normal(0, scenario.deviation, size=(*shape, PAIRS_OF_BASE))
    decisions = Decisions(floor_of_one(base))
    left = np.full(runs, scenario.pairs)
    ended = np.zeros(runs, dtype=bool)
    while True:
        # Those that have ended get no more.
        wanted = np.where(ended[:, np.newaxis], 0, decisions.wanted())
        more = np.where(wanted > 0, wanted - decisions.pairs, 0)
        asked = more.sum(axis=1)
        # Where the time does not reach, all get less.
        reach = np.minimum(1, left / np.maximum(asked, 1))
        more = np.floor(more * reach[:, np.newaxis]).astype(np.int64)
        pairs = decisions.pairs + more
        over = (asked == 0) | (reach < 1)
        open_ = decisions.undecided & (pairs >= LEVELS[0])
        _look(decisions, (more > 0) & ~over[:, np.newaxis], pairs, data)
        _look(decisions, open_ & (over & ~ended)[:, np.newaxis], pairs, data, last=True)
        decisions.judge()
        ended |= over
        if ended.all():
            return decisions.verdicts
        left -= more.sum(axis=1)


def _look(
    decisions: Decisions, given: Flags, pairs: Ints, data: Floats, *, last: bool = False
) -> None:
    for of in np.unique(pairs[given]):
        runs, cases = np.nonzero(given & (pairs == of))
        decisions.look(runs, cases, data[runs, cases, :, :of], last=last)


def _share(flags: Flags) -> float:
    return float(flags.mean()) if flags.size else 0.0
