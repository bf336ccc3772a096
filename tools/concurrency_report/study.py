"""The study: its cases in shuffled rounds, each sample a fresh process, kept and tabulated."""

from __future__ import annotations

import errno
import os
import platform
import random
import re
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from .bench import Bench, BenchError, shown
from .children import Children
from .machine import describe
from .progress import Display, TimeLeft, display_for
from .results import Json, Row, merge, write
from .summary import CaseSummary, summarise
from .table import as_markdown, as_text

_INTERRUPTED_BASE = 128


@dataclass(frozen=True)
class StudyOptions:
    """What to run. `build` makes `bench` and is None where the caller brings one ready-made."""

    bench: Path
    build: Sequence[str | Path] | None
    rounds: int
    seed: int
    results: Path
    filter: str | None
    bench_options: Sequence[str]


@dataclass
class Outcome:
    """The samples taken so far, each with the index of its round."""

    samples: list[tuple[int, Row]] = field(default_factory=list)
    context: Mapping[str, Json] = field(default_factory=dict)

    @property
    def any_success(self) -> bool:
        return any(row.error is None for _, row in self.samples)


def run_study(options: StudyOptions) -> int:
    """Runs, keeps, prints; returns the exit status: 0, 1 if a case failed, 128 + n after signal n.

    2 where bench finds its options wrong or the results could not be kept.
    """
    try:
        _require_folder(options.results)
    except OSError as error:
        _say(f"error: {options.results}: no folder to keep results in: {error.strerror}")
        return 2
    with Children() as children:
        if options.build is not None:
            status = children.run(options.build, stdout=sys.stderr.fileno())
            if children.interrupted_by is not None:
                _say(f"interrupted by {children.interrupted_by.name} while building")
                return _INTERRUPTED_BASE + children.interrupted_by
            if status != 0:
                _say("error: the build failed, see above")
                return 1

        bench = Bench(options.bench, children, options.bench_options, options.filter)
        try:
            cases = bench.cases()
        except BenchError as error:
            if children.interrupted_by is None:
                _say(f"error: {error}")
                return error.status
            cases = []

        plan = shuffled_rounds(cases, options.rounds, random.Random(options.seed))
        outcome = Outcome()
        display = display_for(sys.stderr)
        display.begin(sum(len(order) for order in plan))
        try:
            _take_samples(bench, plan, outcome, display, time.monotonic)
        finally:
            display.end()
        return _conclude(options, cases, outcome, children)


def shuffled_rounds(cases: Sequence[str], rounds: int, rng: random.Random) -> list[list[str]]:
    """Every case once a round, each round in an order of its own: what drifts on the machine, or
    follows upon a certain case, then falls on all cases alike."""
    return [rng.sample(cases, len(cases)) for _ in range(rounds)]


def _take_samples(
    bench: Bench,
    plan: Sequence[Sequence[str]],
    outcome: Outcome,
    display: Display,
    clock: Callable[[], float],
) -> None:
    left = TimeLeft([case for order in plan for case in order])
    reported: set[tuple[str, str]] = set()
    for index, order in enumerate(plan):
        for case in order:
            if bench.children.interrupted_by is not None:
                return
            display.starts(shown(case))
            started = clock()
            sample = bench.sample(case)
            # A case that the interruption hit has been measured by halves.
            if bench.children.interrupted_by is not None:
                return
            outcome.samples.append((index, sample.row))
            if sample.context is not None and not outcome.context:
                outcome.context = sample.context
            error = sample.row.error
            if error is not None and (case, error) not in reported:
                reported.add((case, error))
                display.message(f"study: {shown(case)} failed: {error}")
            took_s = clock() - started
            left.finished(case, took_s)
            display.ends(shown(case), took_s, left)
        if not outcome.any_success and index + 1 < len(plan):
            display.message("study: every case failed; further rounds would not go better")
            return


def _conclude(
    options: StudyOptions, cases: Sequence[str], outcome: Outcome, children: Children
) -> int:
    interrupted_by = children.interrupted_by
    if not outcome.samples:
        _say(
            f"interrupted by {interrupted_by.name} before any case had run"
            if interrupted_by
            else "no case ran"
        )
        return _INTERRUPTED_BASE + interrupted_by if interrupted_by else 1

    if outcome.any_success:
        _keep_and_show(options, cases, outcome, interrupted=interrupted_by is not None)

    failed = sorted({shown(row.name) for _, row in outcome.samples if row.error is not None})
    if failed:
        _say(f"error: {len(failed)} of {len(cases)} cases failed: {', '.join(failed)}")
    if interrupted_by is not None:
        total = options.rounds * len(cases)
        _say(
            f"interrupted by {interrupted_by.name} after {len(outcome.samples)} of {total} samples"
        )
        return _INTERRUPTED_BASE + interrupted_by
    return 1 if failed else 0


def _keep_and_show(
    options: StudyOptions, cases: Sequence[str], outcome: Outcome, *, interrupted: bool
) -> None:
    now = datetime.now(UTC)
    machine = describe(outcome.context)
    summaries = summarise(row for _, row in _in_order(outcome.samples, cases))
    notes = _notes(options, summaries, interrupted=interrupted)
    print(f"{machine}\n\n{as_text(summaries)}\n{notes}", flush=True)

    folder = _new_folder(options.results, now)
    context = dict(outcome.context) | _study_context(options, interrupted)
    write(merge(context, cases, outcome.samples, options.rounds), folder / "results.json")
    title = f"# The study, {now:%Y-%m-%d %H:%M} UTC"
    (folder / "table.md").write_text(
        f"{title}\n\n{machine}\n\n{as_markdown(summaries)}\n{notes}\n", encoding="utf-8"
    )
    _say(f"results: {folder / 'results.json'}, table.md")


def _in_order(samples: Sequence[tuple[int, Row]], cases: Sequence[str]) -> list[tuple[int, Row]]:
    place = {case: i for i, case in enumerate(cases)}
    return sorted(samples, key=lambda sample: (place[sample[1].name], sample[0]))


def _notes(options: StudyOptions, summaries: Sequence[CaseSummary], *, interrupted: bool) -> str:
    times = "once" if options.rounds == 1 else f"{options.rounds} times"
    text = f"Every case in a process of its own, {times}, in shuffled order."
    if interrupted:
        text = "Interrupted: cases are missing or ran less often. " + text
    if any(summary.samples > 1 for summary in summaries):
        text += " Figures are medians;\nspread: slowest less fastest wall time, in % of the median."
    return text


def _study_context(options: StudyOptions, interrupted: bool) -> dict[str, Json]:
    context: dict[str, Json] = {
        "study_rounds": options.rounds,
        "study_seed": options.seed,
        "study_options": list(options.bench_options),
        "study_interrupted": interrupted,
    }
    return context


def _require_folder(folder: Path) -> None:
    """Now, and not after a minute of measuring."""
    folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))


def _new_folder(parent: Path, now: datetime) -> Path:
    host = re.sub(r"[^A-Za-z0-9.-]+", "-", platform.node()).strip("-.") or "host"
    name = f"{host}-{now:%Y%m%dT%H%M%SZ}"
    for again in range(1, 1000):
        folder = parent / (name if again == 1 else f"{name}-{again}")
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        return folder
    raise FileExistsError(f"{parent / name}: taken a thousand times over")


def _say(text: str) -> None:
    print(f"study: {text}", file=sys.stderr, flush=True)
