"""When a row has been seen often enough, and what is said of it then.

A row is a metric of a case; its data are log-ratios, head to base, one a pair. A round gives more
pairs to some of the cases, up to the next of `LEVELS`, and then these are looked at; when the time
is over, or nobody may have more, all that is open is looked at a last time. Every look is one more
chance to be wrong, so that each spends a share of a row's error: most is the last one's, when most
is known. A p-value counts as divided by its look's share (Bonferroni's inequality, which holds
however looks depend on each other). Of those the least so far is the row's, and Benjamini's and
Hochberg's procedure goes over those of all rows. Once decided, a row stays as it is.

All of it is done for many runs at once, so that the very rules that judge a commit can be simulated
ten thousand times: the axes are (run, case, metric), and pairs where there are data.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import cast

import numpy as np
import numpy.typing as npt
from scipy.stats import false_discovery_control

from .statistics import Flags, Floats, p_greater, p_less, walsh_averages

LEVELS = (8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256)
_LAST_SHARE = 0.8
# As little as eight pairs can show anything with: of 256 ways to sign them one is the most extreme.
_FIRST_SHARE = 0.08
_OTHER_SHARE = (1 - _LAST_SHARE - _FIRST_SHARE) / (len(LEVELS) - 1)

ERROR = 0.05
LEAST_CHANGE = 0.03

# Cases that seem slower or larger decide the exit status, and one of them is enough: the two that
# seem most so have pairs first, up to so many. By simulation more at once find less in a minute.
_PREFERRED = 2
_PREFERRED_BELOW = 48
_SEEMS_WORSE = 0.1

Ints = npt.NDArray[np.int64]


class Verdict(IntEnum):
    CANT_TELL = 0
    REGRESSED = 1
    IMPROVED = 2
    NO_CHANGE = 3
    ABSENT = 4


@dataclass(frozen=True)
class _Look:
    """What the data of some rows say by themselves. `side` is 1 or -1 where the estimate is beyond
    the threshold, above or below, and 0 within it."""

    p_changed: Floats
    p_worse: Floats
    p_equal: Floats
    side: Ints


def threshold(floor_of_one: Floats | float, pairs: Ints | int) -> Floats:
    """As a log-ratio: of three per cent, or the noise floor at so many pairs where that is larger.
    `floor_of_one` is the floor scaled to a single pair."""
    return np.maximum(np.log1p(LEAST_CHANGE), floor_of_one / np.sqrt(np.maximum(pairs, 1)))


class Decisions:
    """`floor_of_one` has an element for each row of each run."""

    def __init__(self, floor_of_one: Floats) -> None:
        self.pairs: Ints = np.zeros(floor_of_one.shape[:2], dtype=np.int64)
        self.verdicts: Ints = np.full(floor_of_one.shape, Verdict.CANT_TELL, dtype=np.int64)
        # With how many of its case's pairs a row was decided, or looked at last.
        self.looked_at: Ints = np.zeros(floor_of_one.shape, dtype=np.int64)
        self._floor_of_one = floor_of_one
        self._p_changed: Floats = np.ones(floor_of_one.shape)
        self._side: Ints = np.zeros(floor_of_one.shape, dtype=np.int64)
        self._p_worse: Floats = np.ones(floor_of_one.shape)

    @property
    def thresholds(self) -> Floats:
        """At the number of pairs that each row was judged by."""
        return threshold(self._floor_of_one, self.looked_at)

    @property
    def undecided(self) -> Flags:
        """By case."""
        return cast(Flags, (self.verdicts == Verdict.CANT_TELL).any(axis=-1))

    def wanted(self) -> Ints:
        """How many pairs each case of each run should have after the next round; 0 for those that
        get none now. Nobody gets any where all is decided, or has all that it may have."""
        waiting = self.undecided & (self.pairs < LEVELS[-1])
        p_worse = np.where(self.verdicts == Verdict.CANT_TELL, self._p_worse, 1).min(axis=-1)
        seems_worse = waiting & (p_worse <= _SEEMS_WORSE) & (self.pairs < _PREFERRED_BELOW)
        surest_first = np.argsort(np.where(seems_worse, p_worse, np.inf), axis=-1, kind="stable")
        preferred = np.zeros_like(seems_worse)
        np.put_along_axis(preferred, surest_first[..., :_PREFERRED], True, axis=-1)
        preferred &= seems_worse
        # Whoever has fewest comes first, so that none is left behind for good.
        none = np.iinfo(np.int64).max
        fewest = np.min(np.where(waiting, self.pairs, none), axis=-1, keepdims=True)
        started = fewest >= LEVELS[0]
        some = preferred.any(axis=-1, keepdims=True) & started
        chosen = np.where(some, preferred, waiting & (self.pairs == fewest))
        following = np.searchsorted(LEVELS, self.pairs, side="right")
        levels = np.asarray(LEVELS)[np.minimum(following, len(LEVELS) - 1)]
        return np.where(chosen, levels, 0)

    def drop(self, run: int, case: int) -> None:
        """Nothing more can be had of this case: what of it is undecided never will be."""
        rows = self.verdicts[run, case]
        rows[rows == Verdict.CANT_TELL] = Verdict.ABSENT

    def look(self, runs: Ints, cases: Ints, data: Floats, *, last: bool = False) -> None:
        """At cases, each given by its run and its number; `data` have all of its pairs so far:
        (which, metric, pair), as many for each, and NaN for what could not be measured, which makes
        the row absent. Each at most once with the same number of pairs, and then once as the `last`
        time. May be called for several numbers of pairs before `judge`."""
        of = data.shape[-1]
        self.pairs[runs, cases] = of
        open_ = self.verdicts[runs, cases] == Verdict.CANT_TELL
        which, metrics = np.nonzero(open_)
        at = (runs[which], cases[which], metrics)
        found = _look(data[which, metrics], threshold(self._floor_of_one[at], of))
        share = _share_of_look(of, last=last)
        self._p_changed[at] = np.minimum(self._p_changed[at], found.p_changed / share)
        self._side[at] = found.side
        self._p_worse[at] = found.p_worse
        self.looked_at[at] = of
        self.verdicts[at] = np.where(
            found.p_equal / share <= ERROR, Verdict.NO_CHANGE, Verdict.CANT_TELL
        )
        absent = np.isnan(data[which, metrics]).any(axis=-1)
        self.verdicts[runs[which[absent]], cases[which[absent]], metrics[absent]] = Verdict.ABSENT

    def judge(self) -> None:
        """Says which rows have changed, after the looks of a round."""
        runs, cases, metrics = self._p_changed.shape
        adjusted = false_discovery_control(
            self._p_changed.reshape(runs, cases * metrics), axis=-1, method="bh"
        ).reshape(self._p_changed.shape)
        changed = (adjusted <= ERROR) & (self.verdicts == Verdict.CANT_TELL)
        self.verdicts[changed & (self._side > 0)] = Verdict.REGRESSED
        self.verdicts[changed & (self._side < 0)] = Verdict.IMPROVED


def _share_of_look(pairs: int, *, last: bool) -> float:
    if last:
        return _LAST_SHARE
    return _FIRST_SHARE if pairs == LEVELS[0] else _OTHER_SHARE


def _look(data: Floats, beyond: Floats) -> _Look:
    """`data` are (row, pair), `beyond` the rows' thresholds."""
    of = data.shape[-1]
    walsh = walsh_averages(data)
    p_worse = p_greater(walsh, 0.0, of)
    p_changed = np.minimum(1, 2 * np.minimum(p_worse, p_less(walsh, 0.0, of)))
    # Two one-sided tests (Schuirmann): above the lower bound, and below the upper one.
    p_equal = np.maximum(p_greater(walsh, -beyond, of), p_less(walsh, beyond, of))
    # The median of them is the estimate.
    half = walsh.shape[-1] / 2
    above = np.count_nonzero(walsh > beyond[..., np.newaxis], axis=-1) > half
    below = np.count_nonzero(walsh < -beyond[..., np.newaxis], axis=-1) > half
    return _Look(p_changed, p_worse, p_equal, above.astype(np.int64) - below)
