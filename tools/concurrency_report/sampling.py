"""Takes the samples of a plan one by one and writes each down before the next."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import groupby
from pathlib import Path

from .bench import Bench, Sample, shown
from .journal import Journal
from .machine_results import TIMELINES, TOTAL_PSS, timeline_file
from .memory import TreeMemory
from .origin import Origin
from .plan import Machine, Pass, Step
from .progress import Display, TimeLeft
from .results import with_counters
from .samples import entry_of, key_of, row_of
from .whole_file import whole_file


class Sampling:
    """One study's. `hopeless` once a whole round has failed: the next would not go better.

    `clock` is in seconds.
    """

    def __init__(
        self,
        bench: Bench,
        journal: Journal,
        display: Display,
        steps: Sequence[Step],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.hopeless = False
        self._bench = bench
        self._journal = journal
        self._display = display
        self._clock = clock
        self._left = TimeLeft([_label(step) for step in steps])
        self._reported: set[tuple[str, str]] = set()
        self._succeeded = {
            key_of(entry)[:3] for entry in journal.entries if row_of(entry).error is None
        }
        self._with_context = {
            _context_key(key_of(entry)) for entry in journal.entries if "context" in entry
        }

    @property
    def is_over(self) -> bool:
        return self.hopeless or self._bench.children.interrupted_by is not None

    def take(self, machine: Machine, steps: Sequence[Step], folder: Path) -> None:
        """The machine's steps, in their order; `folder` is where its timelines go. Throws OSError
        where a sample cannot be written down, OriginError where there is nothing to fetch from."""
        if not steps:
            return
        with self._origin(machine) as origin:
            for round_, of_round in groupby(steps, key=lambda step: step.key[:3]):
                for step in of_round:
                    if self.is_over:
                        return
                    self._take(step, origin, folder)
                self._give_up_after(round_)

    def _give_up_after(self, round_: tuple[str, str, int]) -> None:
        """If none of the study's cases succeeded in it, also before an interruption. Claims that
        cannot be told are no reason."""
        counts = round_[1] in (Pass.WARM_UP.value, Pass.STUDY.value)
        if counts and round_ not in self._succeeded and not self.is_over:
            self._display.message("study: every case failed; more would not go better")
            self.hopeless = True

    def _origin(self, machine: Machine) -> AbstractContextManager[Origin | None]:
        if not self._bench.needs_origin:
            return nullcontext()
        return self._bench.origin(machine.origin_processors)

    def _take(self, step: Step, origin: Origin | None, folder: Path) -> None:
        """A sample that an interruption hit has been measured by halves, and is dropped."""
        self._display.starts(_label(step))
        started = self._clock()
        sample = self._sample(step, origin, folder)
        if self.is_over:
            return
        context_key = _context_key(step.key)
        entry = entry_of(step, sample, with_context=context_key not in self._with_context)
        self._journal.append(entry)
        if "context" in entry:
            self._with_context.add(context_key)
        self._report(step, sample.row.error)
        took_s = self._clock() - started
        self._left.finished(_label(step), took_s)
        self._display.ends(_label(step), took_s, self._left)
        if sample.row.error is None:
            self._succeeded.add(step.key[:3])

    def _sample(self, step: Step, origin: Origin | None, folder: Path) -> Sample:
        if step.pass_ is Pass.WARM_UP:
            return self._with_timeline(step, origin, folder / TIMELINES)
        if step.pass_ is Pass.MEMORY:
            return self._with_memory(step, origin)
        return self._bench.sample(step.run, origin)

    def _with_timeline(self, step: Step, origin: Origin | None, folder: Path) -> Sample:
        folder.mkdir(parents=True, exist_ok=True)
        timeline = folder / timeline_file(step.run.name)
        with whole_file(timeline) as unfinished:
            sample = self._bench.sample(step.run, origin, trace=unfinished)
            if sample.row.error is not None:
                unfinished.unlink(missing_ok=True)
        return sample

    def _with_memory(self, step: Step, origin: Origin | None) -> Sample:
        total = TreeMemory()
        sample = self._bench.sample(step.run, origin, meanwhile=total.look)
        if total.peak_kb is None or sample.row.error is not None:
            return sample
        counters = {TOTAL_PSS: float(total.peak_kb)}
        return Sample(with_counters(sample.row, counters), sample.context)

    def _report(self, step: Step, error: str | None) -> None:
        """Each failure once, not in each round."""
        name = shown(step.run.name)
        if error is not None and (name, error) not in self._reported:
            self._reported.add((name, error))
            self._display.message(f"study: {name} failed: {error}")


def _label(step: Step) -> str:
    """What the progress display calls it: alike for samples that take alike long."""
    kind = "" if step.pass_ is Pass.STUDY else f"{step.pass_.value}: "
    machine = f"{step.machine}: " if step.machine else ""
    return f"{machine}{kind}{shown(step.run.name)}"


def _context_key(key: tuple[str, str, int, str]) -> tuple[str, str, str]:
    """Runs of one pass of one machine have one context but for what their options make of it."""
    machine, pass_, _, name = key
    return (machine, pass_, name if pass_ == Pass.CLAIMS.value else "")
