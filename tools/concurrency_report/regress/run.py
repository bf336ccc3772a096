"""A comparison from its options to its result: builds, noise, rounds of pairs, verdicts."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ..bench import UNCALIBRATED, Bench, shown
from ..children import Children
from ..fingerprint import Fingerprint, fingerprint
from ..machine import describe
from ..results import Json
from .builds import Build, Builds
from .comparison import Comparison
from .decision import LEVELS, Decisions
from .known import Known
from .noise import PAIRS_OF_BASE, Noise, NoiseFile
from .quiet import Quiet
from .sampling import METRICS, Failure, Pairs, Sampler, Side, context_of

# What a commit may change itself, and is judged with. All else that differs makes two builds, or
# two machines, incomparable.
_MAY_DIFFER = frozenset(
    {
        *("compiler_flags", "hardening_flags", "event_loop"),
        *("boost_version", "openssl_version", "google_benchmark_version"),
    }
)
_SECONDS = 60
_LEAST_NOISE_MINUTES = 10
"""Measuring noise, once for a machine, may take as long as pairs may, but this at the least: it is
as many pairs however few minutes are given."""


class NothingToCompareError(Exception):
    """Its text is one line."""


@dataclass(frozen=True)
class RegressOptions:
    """`cases` is a regular expression as bench takes it, None for all of the study's."""

    base: str
    head: str
    repository: Path
    cache: Path
    minutes: float
    seed: int
    cases: str | None = None
    strict: bool = False
    keep_disturbed: bool = False
    bench_options: Sequence[str] = ()


class Regress:
    """`say` gets lines for people. Afterwards, and after an interruption too, `comparison` is what
    is known."""

    def __init__(
        self,
        options: RegressOptions,
        children: Children,
        say: Callable[[str], None],
        quiet: Callable[[float | None], Quiet] = Quiet,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.comparison: Comparison | None = None
        self._options = options
        self._children = children
        self._say = say
        self._quiet = quiet
        self._clock = clock
        self._chance = random.Random(options.seed)
        # Its own, so that orders are the same whether noise was known already or not.
        self._chance_of_noise = random.Random(f"noise {options.seed}")

    def run(self) -> None:
        """Throws BuildError, BenchError, NothingToCompareError, OSError."""
        options = self._options
        builds = Builds(options.repository, options.cache / "builds", self._children)
        base = builds.find(options.base)
        if self._is_interrupted():
            return
        head = builds.find(options.head)
        sides = (self._side("base", base), self._side("head", head))
        cases, added, removed = self._cases(*sides)
        found = Known(base.label, head.label, options.seed, options.strict, added, removed)
        contexts = self._contexts(sides, cases, found)
        if self._is_interrupted():
            return
        if contexts is None:
            self.comparison = found.comparison()
            return
        prints = [fingerprint(each) for each in contexts]
        found.machine = describe(_without_commit(contexts[0]))
        different = prints[0].differences(prints[1])
        fatal = {key: both for key, both in different.items() if key not in _MAY_DIFFER}
        if fatal:
            self.comparison = found.comparison(
                incomparable=f"Base and head differ in {_in_words(fatal)}."
            )
            return
        if different:
            found.remarks.append(f"Base and head were built differently: {_in_words(different)}.")
        self._compare(found, sides, found.left_of(cases), prints[0])

    def _side(self, name: str, build: Build) -> Side:
        bench = Bench(build.bench, self._children, self._options.bench_options)
        # A base may be older than the option.
        if bench.knows(UNCALIBRATED.partition("=")[0]):
            bench = replace(bench, defaults=(UNCALIBRATED,))
        return Side(name, bench)

    def _cases(self, base: Side, head: Side) -> tuple[list[str], list[str], list[str]]:
        """Those in both, only in head, only in base."""
        chosen = {"--models", "--workloads", "--study"}
        given = {option.partition("=")[0] for option in self._options.bench_options}
        study = () if chosen & given else ("--study",)
        mine, theirs = (
            side.bench.cases(study, filter=self._options.cases) for side in (base, head)
        )
        both = [case for case in mine if case in theirs]
        if not both:
            raise NothingToCompareError("base and head have no case in common")
        added = [shown(case) for case in theirs if case not in mine]
        removed = [shown(case) for case in mine if case not in theirs]
        return both, added, removed

    def _contexts(
        self, sides: Sequence[Side], cases: Sequence[str], found: Known
    ) -> list[Mapping[str, Json]] | None:
        """Of both sides, by the first case that runs in both; None if none does. Those that do not
        are kept as failures."""
        for case in cases:
            contexts: list[Mapping[str, Json]] = []
            for side in sides:
                context = context_of(side, case)
                if self._is_interrupted():
                    return None
                if isinstance(context, Failure):
                    found.failures.append(context)
                    break
                contexts.append(context)
            else:
                return contexts
        return None

    def _compare(
        self, found: Known, sides: tuple[Side, Side], cases: Sequence[str], print_: Fingerprint
    ) -> None:
        file = NoiseFile(self._options.cache / "noise", print_, self._options.bench_options)
        # Where pairs are kept although they were disturbed, noise is that of the moment.
        keep = self._options.keep_disturbed
        noise = Noise() if keep else file.read(len(METRICS))
        busy = _BUSY if noise.spin_s is None else f"{_BUSY} {_if_quiet(file.path)}"
        quiet = self._quiet(noise.spin_s)
        unknown = [case for case in cases if case not in noise.pairs]
        if unknown:
            base = self._measure_noise(sides[0], unknown, noise, quiet)
            if self._is_interrupted():
                return
            if base.is_too_disturbed:
                found.take_over(base)
                found.remarks.append(busy)
                self.comparison = found.comparison()
                return
            # Without its noise a case has no threshold to be judged by.
            found.failures.extend(base.failures.values())
            cases = found.left_of(cases)
            if any(case not in noise.pairs for case in cases):
                found.remarks.append(
                    f"Noise was not measured within {self._noise_minutes:g} minutes: try a quieter "
                    "machine, fewer cases, a smaller workload or more minutes."
                )
                self.comparison = found.comparison()
                return
            if not keep:
                file.write(noise)
            if not cases:
                self.comparison = found.comparison()
                return
        end = self._clock() + _SECONDS * self._options.minutes
        sampler = self._sampler(
            *(*sides, quiet, self._chance),
            lambda: self._is_interrupted() or self._clock() >= end,
        )
        decisions = Decisions(noise.floors(cases, len(METRICS))[np.newaxis])
        started = self._clock()
        is_over = False
        while decisions.undecided.any() and not is_over:
            wanted = decisions.wanted()[0]
            sampler.take({case: int(n) for case, n in zip(cases, wanted, strict=True) if n})
            is_over = (
                self._is_interrupted()
                or self._clock() >= end
                or sampler.pairs.is_too_disturbed
                or not wanted.any()
            )
            _look(decisions, cases, sampler.pairs, last=is_over)
            found.minutes = (self._clock() - started) / _SECONDS
            found.take_over(sampler.pairs)
            if sampler.pairs.is_too_disturbed:
                found.remarks.append(busy)
            self.comparison = found.judged(decisions, cases)
            self._say(
                f"{sampler.pairs.taken} pairs after {found.minutes:.1f} min, "
                f"{int(decisions.undecided.sum())} of {len(cases)} cases undecided"
            )

    def _measure_noise(self, base: Side, cases: Sequence[str], noise: Noise, quiet: Quiet) -> Pairs:
        """Of the cases that it is not known of yet, into `noise`."""
        self._say(
            f"measuring how far base seems to be from itself, in {len(cases)} cases"
            + (
                ""
                if self._options.keep_disturbed
                else ": once for this machine, build and workload"
            )
        )
        end = self._clock() + _SECONDS * self._noise_minutes
        sampler = self._sampler(
            *(base, base, quiet, self._chance_of_noise),
            lambda: self._is_interrupted() or self._clock() >= end,
        )
        sampler.take(dict.fromkeys(cases, PAIRS_OF_BASE))
        for case in cases:
            data = sampler.pairs.data(case)
            if data.shape[1] == PAIRS_OF_BASE:
                noise.pairs[case] = data
        noise.spin_s = quiet.undisturbed_s
        return sampler.pairs

    @property
    def _noise_minutes(self) -> float:
        return max(_LEAST_NOISE_MINUTES, self._options.minutes)

    def _sampler(
        self,
        first: Side,
        second: Side,
        quiet: Quiet,
        chance: random.Random,
        is_over: Callable[[], bool],
    ) -> Sampler:
        keep = self._options.keep_disturbed
        return Sampler(first, second, quiet, chance, is_over, keep_disturbed=keep)

    def _is_interrupted(self) -> bool:
        return self._children.interrupted_by is not None


_BUSY = (
    "Other work kept the processors busy and disturbed most pairs: try again on a quieter machine."
)


def _if_quiet(file: Path) -> str:
    return (
        "If this one is quiet and has become slower, delete what says how fast it was, "
        f"{file}, and noise is measured anew."
    )


def _look(decisions: Decisions, cases: Sequence[str], pairs: Pairs, *, last: bool) -> None:
    """At those that have got new pairs, and the `last` time at all; but at none with fewer than the
    first of the levels."""
    for place, case in enumerate(cases):
        if case in pairs.failures:
            decisions.drop(0, place)
            continue
        data = pairs.data(case)
        has_new = data.shape[1] > decisions.pairs[0, place]
        is_due = last and decisions.undecided[0, place]
        if data.shape[1] >= LEVELS[0] and (has_new or is_due):
            decisions.look(np.array([0]), np.array([place]), data[np.newaxis], last=last)
    decisions.judge()


def _without_commit(context: Mapping[str, Json]) -> dict[str, Json]:
    return {key: value for key, value in context.items() if key != "git_commit"}


def _in_words(different: dict[str, str]) -> str:
    return ", ".join(f"{key} ({both})" for key, both in different.items())
