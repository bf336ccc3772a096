"""The soak: all cases over and over in one bench, watched for what it does not let go."""

from __future__ import annotations

import os
import re
import select
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from subprocess import SubprocessError

from .bench import Bench, BenchError, shown
from .children import Children
from .memory import is_available
from .plain_text import one_line
from .results import ResultsError, parse
from .results_folder import FolderError, new_folder, require_folder
from .soak_faults import faults_of_pass, unexpected
from .soak_sample import Sample, SampleFile, Watch

SAMPLES = "soak.csv"
_EVERY_S = 1.0
_END_OF_DOCUMENT = b"\n}\n"
_CASE_IN_DOCUMENT = re.compile(rb'^      "name": ', re.MULTILINE)
_INTERRUPTED_BASE = 128
_MOST_TOLD = 10

# All cells there are, each as small as it can be: what leaks does so however long a case takes.
# Pools have two sizes, one of which is the study's.
_SMALL = (
    *("--models", "all", "--workloads", "all", "--workers", "2"),
    *("--fetches", "10", "--latency-scale", "0.1", "--fibonacci", "18:24:1"),
    *("--files", "4", "--file-size", "16", "--deadline", "0.5", "--benchmark_min_time=0"),
)


@dataclass(frozen=True)
class SoakOptions:
    """`passes` is None for as many as there is time for, `seconds` infinite for as long as those
    take. `watchdog_s` is how long a case may take at the most, `mixes` are the faults of every
    second pass in turn."""

    bench: Path
    seconds: float
    passes: int | None
    watchdog_s: float
    mixes: Sequence[Sequence[str]]
    bench_options: Sequence[str] = ()


@dataclass
class SoakResult:
    """What there was to see. `wrong` are the failures that no fault explains, and what else went
    wrong, a line each."""

    seconds: float = 0
    cases: int = 0
    faulty_passes: int = 0
    runs: int = 0
    failed_as_they_had_to: int = 0
    at_rest: list[Sample] = field(default_factory=list)  # after each pass
    wrong: list[str] = field(default_factory=list)

    @property
    def passes(self) -> int:
        return len(self.at_rest)


class _HungError(Exception):
    """A case has not ended; told in the result already."""


def run_soak(options: SoakOptions, results: Path, build: Sequence[str | Path] | None) -> int:
    """Keeps what it saw in a folder of its own under `results`; `build` is the command that makes
    bench, None where it is there already.

    Returns the exit status: 0 if nothing grew and nothing failed but what had to, 1 if not, 2 where
    what was asked cannot be done, 128 + n after signal n.
    """
    with Children() as children:
        try:
            return _run(options, results, build, children)
        except (FolderError, BenchError) as error:
            if children.interrupted_by is not None:
                return _interrupted(children)
            say(f"error: {error}")
            return error.status if isinstance(error, BenchError) else 2
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            say(f"error: {where}{error.strerror or error}; what was sampled is kept")
            return 1
        except SubprocessError as error:
            say(f"error: a program could not be started: {error}")
            return 1


def say(text: str) -> None:
    print(f"soak: {one_line(text)}", file=sys.stderr, flush=True)


def _interrupted(children: Children) -> int:
    number = children.interrupted_by
    say(f"interrupted{f' by {number.name}' if number else ''}")
    return _INTERRUPTED_BASE + (number or 0)


def _run(
    options: SoakOptions, results: Path, build: Sequence[str | Path] | None, children: Children
) -> int:
    if not is_available():
        say("error: /proc: does not tell here what processes hold: a soak needs Linux")
        return 2
    require_folder(results)
    if build is not None and children.run(build, stdout=sys.stderr.fileno()) != 0:
        if children.interrupted_by is not None:
            return _interrupted(children)
        say("error: the build failed, see above")
        return 1
    bench_options = [*_SMALL, *options.bench_options]
    cases = Bench(options.bench, children, bench_options).cases()
    if children.interrupted_by is not None:
        return _interrupted(children)
    folder = new_folder(results, datetime.now(UTC), "soak-")
    soak = _Soak(options, bench_options, cases, folder, children)
    soak.run()
    return _conclude(soak.result, folder, children)


def _conclude(result: SoakResult, folder: Path, children: Children) -> int:
    # Late: what judges and draws is large, and needs nothing that runs.
    from .soak_report import write_soak_report

    report = write_soak_report(result, folder, interrupted=children.interrupted_by is not None)
    print(one_line(report.summary), flush=True)
    for line in result.wrong[:_MOST_TOLD]:
        say(f"error: {line}")
    if len(result.wrong) > _MOST_TOLD:
        say(f"error: and {len(result.wrong) - _MOST_TOLD} more, see {folder / 'soak.md'}")
    for line in report.growing:
        say(f"error: {line}")
    say(f"kept in {folder}")
    if children.interrupted_by is not None:
        return _interrupted(children)
    if result.wrong or report.growing:
        return 1
    if not report.is_known:
        say(f"error: {result.passes} passes are too few to tell: give it more --minutes")
        return 1
    return 0


class _Soak:
    """One bench, which runs a pass for each line it is given: between two passes it waits, and
    holds what it should hold at rest."""

    def __init__(
        self,
        options: SoakOptions,
        bench_options: Sequence[str],
        cases: Sequence[str],
        folder: Path,
        children: Children,
    ) -> None:
        self.result = SoakResult(cases=len(cases))
        self._options = options
        self._command = [
            *(str(options.bench), *bench_options),
            *("--pass-per-line", "--benchmark_format=json"),
        ]
        self._cases = cases
        self._log = folder / "bench.log"
        self._samples = SampleFile(folder / SAMPLES)
        self._children = children
        self._watch: Watch | None = None
        self._unread = b""
        self._number = -1  # of the pass that runs
        self._faults: Sequence[str] = ()

    def run(self) -> None:
        lines, self._to_bench = os.pipe()
        self._from_bench, documents = os.pipe()
        self._ends_of_bench: list[int] = [lines, documents]
        self._start = self._heard = time.monotonic()
        self._next_sample = self._start
        try:
            with self._log.open("wb") as log:
                status = self._children.run(
                    self._command, stdin=lines, stdout=documents, stderr=log, meanwhile=self._step
                )
            if self._children.interrupted_by is None:
                self._judge_end(status)
        except _HungError:
            pass
        finally:
            self.result.seconds = time.monotonic() - self._start
            self._samples.close()
            for end in (*self._ends_of_bench, self._to_bench, self._from_bench):
                if end >= 0:
                    os.close(end)

    def _judge_end(self, status: int) -> None:
        """bench ends with 1 because cases failed, as they had to."""
        if self._to_bench < 0 and status in (0, 1):
            return
        words = self._log.read_text(errors="replace").split("\n")
        last = next((word for word in reversed(words) if word.strip()), "without a word")
        how = f"status {status}" if status >= 0 else f"signal {-status}"
        self.result.wrong.append(f"bench ended with {how} in {self._where()}: {last.strip()}")

    def _step(self, bench: int) -> None:
        """Waits for what bench says, and for the next sample at the longest."""
        if self._watch is None:
            self._watch = Watch(bench)
            while self._ends_of_bench:
                os.close(self._ends_of_bench.pop())
            self._begin_pass()
        now = time.monotonic()
        if now >= self._next_sample:
            self._next_sample = max(self._next_sample + _EVERY_S, now)
            self._add(self._watch.look(), at_rest=False)
        if now - self._heard > self._options.watchdog_s:
            self.result.wrong.append(
                f"{self._where()}: said nothing for {self._options.watchdog_s:g} s: hangs"
            )
            raise _HungError
        wait = max(0.0, self._next_sample - time.monotonic())
        if not select.select([self._from_bench], [], [], wait)[0]:
            return
        piece = os.read(self._from_bench, 1 << 16)
        if not piece:
            time.sleep(min(wait, 0.01))  # until it has ended
            return
        self._heard = time.monotonic()
        self._unread += piece
        if self._unread.endswith(_END_OF_DOCUMENT):
            self._end_pass(self._watch)

    def _begin_pass(self) -> None:
        """Or lets bench end, if it is time to."""
        self._heard = time.monotonic()
        over = self._heard - self._start >= self._options.seconds
        over = over or self._number + 1 == self._options.passes
        if over or self._children.interrupted_by is not None:
            os.close(self._to_bench)
            self._to_bench = -1
            return
        self._number += 1
        self._faults = faults_of_pass(self._number, self._options.mixes)
        with suppress(BrokenPipeError):  # it ends, which is judged then
            os.write(self._to_bench, f"{','.join(self._faults)}\n".encode())

    def _end_pass(self, watch: Watch) -> None:
        text, self._unread = self._unread.decode(errors="replace"), b""
        sample = watch.look_at_rest(lambda: self._children.interrupted_by is not None)
        self._add(sample, at_rest=True)
        if self._children.interrupted_by is not None:
            return  # what bench then wrote is no whole pass
        if sample is not None:
            self.result.at_rest.append(sample)
        self._check(text)
        self._begin_pass()

    def _check(self, text: str) -> None:
        where = f"pass {self._number + 1} ({','.join(self._faults) or 'good hosts'})"
        try:
            document = parse(text, where)
        except ResultsError as error:
            self.result.wrong.append(str(error))
            return
        names = [row.name for row in document.rows]
        if names != self._cases:
            self.result.wrong.append(f"{where}: not the cases that bench lists")
        fetches = document.context.get("fetches")
        before = len(self.result.wrong)
        failed = 0
        for row in document.rows:
            what = unexpected(row, self._faults, fetches if isinstance(fetches, int) else 0)
            if what is not None:
                self.result.wrong.append(f"{where}: {shown(row.name)}: {what}")
            elif row.error is not None:
                failed += 1
        wrong = len(self.result.wrong) - before
        self.result.runs += len(names)
        self.result.failed_as_they_had_to += failed
        self.result.faulty_passes += bool(self._faults)
        say(
            f"{where}: {len(names)} runs, {failed} failed as they had to, {wrong} otherwise; "
            f"{time.monotonic() - self._start:.0f} s"
        )

    def _add(self, sample: Sample | None, *, at_rest: bool) -> None:
        if sample is not None:
            seconds = time.monotonic() - self._start
            self._samples.add(seconds, self._number + 1, bool(self._faults), at_rest, sample)

    def _where(self) -> str:
        """Which case runs, by those that have been told."""
        told = len(_CASE_IN_DOCUMENT.findall(self._unread))
        case = shown(self._cases[told]) if told < len(self._cases) else "the end"
        return f"pass {self._number + 1} ({','.join(self._faults) or 'good hosts'}): {case}"
