"""The study: each sample a fresh process of bench, kept as it comes, merged and reported."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from subprocess import SubprocessError

from .bench import UNCALIBRATED, Bench, BenchError, shown
from .child_setup import usable_processors
from .children import Children
from .journal import FILE as JOURNAL
from .journal import Journal, JournalError, is_unfinished
from .machine_results import load
from .origin import OriginError
from .plain_text import one_line
from .plan import choose_machines
from .planner import MachinePlan, plan_machines
from .progress import display_for
from .results import Json, ResultsError
from .results_folder import FolderError, new_folder, require_folder
from .samples import key_of, row_of, write_documents
from .sampling import Sampling
from .study_options import StudyOptions
from .terminal import as_text

_INTERRUPTED_BASE = 128


class StudyError(Exception):
    """The study cannot begin or go on; its text is one line, `status` what to exit with."""

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.status = status


class _InterruptedError(Exception):
    """By a signal, when no sample was under way that could be lost; its text says when."""


def run_study(
    options: StudyOptions, results: Path, build: Sequence[str | Path] | None, *, report: bool
) -> int:
    """Runs a new study, in a folder of its own under `results`. `build` is the command that makes
    bench, None where it is there already. Without `report` the table on standard output is all that
    is drawn.

    Returns the exit status: 0, 1 if a case failed, 2 where what was asked cannot be done, 128 + n
    after signal n.
    """

    def run(children: Children) -> int:
        require_folder(results)
        _build(build, children)
        plans = _plan(options, children)
        folder = new_folder(results, datetime.now(UTC))
        fingerprint = _fingerprint(options)
        study = options.to_json() | fingerprint | {"directory": str(Path.cwd())}
        with Journal.create(folder, study) as journal:
            try:
                return _run(options, plans, journal, folder, children, report=report)
            finally:
                # Nothing was measured: what there is is not worth keeping.
                if not journal.entries:
                    shutil.rmtree(folder)

    return _guarded(run)


def resume_study(folder: Path, build: Sequence[str | Path], *, report: bool) -> int:
    """Goes on with the study in this folder; what ran is not run again. Returns as run_study.

    `build` is called only where bench is gone: to build again would make another one of it, as soon
    as there is a new commit to name in its results.
    """
    folder = folder.absolute()

    def run(children: Children) -> int:
        with Journal.resume(folder) as journal:
            if journal.finished:
                raise StudyError(f"{folder}: is finished, nothing is left to run", 2)
            options = StudyOptions.from_json(journal.study, str(journal.path))
            if not options.bench.exists():
                _build(build, children)
            fingerprint = _fingerprint(options)
            if any(journal.study.get(key) != value for key, value in fingerprint.items()):
                raise StudyError(
                    f"{options.bench}: not the build that this study began with: start a new study"
                )
            # Relative names among bench's options are told from where the study began.
            os.chdir(str(journal.study.get("directory", "")) or ".")
            plans = _plan(options, children)
            _require_same_plan(plans, journal)
            say(f"{folder}: going on after {len(journal.entries)} samples")
            return _run(options, plans, journal, folder, children, report=report)

    return _guarded(run)


def latest_unfinished(results: Path) -> Path | None:
    """The newest folder of a study that has not run to its end."""
    for journal in sorted(results.glob(f"*/{JOURNAL}"), key=_modified, reverse=True):
        if is_unfinished(journal):
            return journal.parent
    return None


def say(text: str) -> None:
    print(f"study: {one_line(text)}", file=sys.stderr, flush=True)


def _guarded(run: Callable[[Children], int]) -> int:
    """Turns what stops a study into a line and an exit status."""
    with Children() as children:
        try:
            return run(children)
        except _InterruptedError as interrupted:
            signal = children.interrupted_by
            say(f"interrupted{f' by {signal.name}' if signal else ''} {interrupted}")
            return _INTERRUPTED_BASE + (signal or 0)
        except StudyError as error:
            say(f"error: {error}")
            return error.status
        except FolderError as error:
            say(f"error: {error}")
            return 2
        except (JournalError, ResultsError) as error:
            say(f"error: {error}")
            return 1
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            say(f"error: {where}{error.strerror or error}; what was measured is kept")
            return 1
        except SubprocessError as error:
            say(f"error: a program could not be started: {error}")
            return 1


def _modified(path: Path) -> float:
    return path.stat().st_mtime


def _build(command: Sequence[str | Path] | None, children: Children) -> None:
    if command is None:
        return
    status = children.run(command, stdout=sys.stderr.fileno())
    if children.interrupted_by is not None:
        raise _InterruptedError("while building")
    if status != 0:
        raise StudyError("the build failed, see above")


def _plan(options: StudyOptions, children: Children) -> list[MachinePlan]:
    processors = usable_processors()
    try:
        machines = choose_machines(options.cores, processors)
    except ValueError as error:
        raise StudyError(f"--cores: {error}", 2) from error
    bench = Bench(options.bench, children, options.bench_options)
    try:
        return plan_machines(options, bench, machines, processors or [])
    except BenchError as error:
        if children.interrupted_by is not None:
            raise _InterruptedError("before any case had run") from error
        raise StudyError(str(error), error.status) from error


def _require_same_plan(plans: Sequence[MachinePlan], journal: Journal) -> None:
    planned = {step.key for each in plans for step in each.steps}
    if any(key_of(entry) not in planned for entry in journal.entries):
        raise StudyError(
            f"{journal.path}: has samples that would not be taken here and now (other cores, "
            "another system?): start a new study"
        )


def _run(
    options: StudyOptions,
    plans: Sequence[MachinePlan],
    journal: Journal,
    folder: Path,
    children: Children,
    *,
    report: bool,
) -> int:
    done = {key_of(entry) for entry in journal.entries}
    steps = [step for each in plans for step in each.steps if step.key not in done]
    bench = Bench(options.bench, children, options.bench_options, (UNCALIBRATED,))
    display = display_for(sys.stderr)
    sampling = Sampling(bench, journal, display, steps)
    display.begin(len(steps))
    try:
        for each in plans:
            if not sampling.is_over:
                mine = [step for step in steps if step.machine == each.machine.name]
                sampling.take(each.machine, mine, folder / each.machine.name)
    except OriginError as error:
        if children.interrupted_by is None:
            raise StudyError(str(error)) from error
    except OSError as error:
        raise StudyError(
            f"{error.filename}: {error.strerror}; what ran before is kept: make room and go on "
            f"with tools/study --resume {folder}"
        ) from error
    finally:
        display.end()
    return _conclude(options, plans, journal, folder, children, report=report)


def _conclude(
    options: StudyOptions,
    plans: Sequence[MachinePlan],
    journal: Journal,
    folder: Path,
    children: Children,
    *,
    report: bool,
) -> int:
    interrupted_by = children.interrupted_by
    if not journal.entries and interrupted_by is not None:
        raise _InterruptedError("before any case had run")
    planned = sum(len(each.steps) for each in plans)
    complete = len(journal.entries) == planned
    rows = [row_of(entry) for entry in journal.entries]
    if any(row.error is None for row in rows):
        written = [
            write_documents(
                folder / each.machine.name,
                each,
                options,
                journal.entries,
                interrupted=not complete,
            )
            for each in plans
        ]
        if any(written):
            try:
                with children.interruptible():
                    _show(folder, complete=complete, report=report)
            except KeyboardInterrupt:
                raise _InterruptedError(
                    f"while the report was drawn; to go on: tools/study --resume {folder}"
                ) from None
    elif complete:
        say("error: no case succeeded: there is nothing to report")
    failed = sorted({shown(row.name) for row in rows if row.error is not None})
    if failed:
        cases = len({row.name for row in rows})
        say(f"error: {len(failed)} of {cases} cases failed: {', '.join(failed)}")
    if complete:
        journal.finish()
    elif interrupted_by is not None:
        say(
            f"interrupted by {interrupted_by.name} after {len(journal.entries)} of {planned} "
            f"samples; to go on: tools/study --resume {folder}"
        )
    if interrupted_by is not None:
        return _INTERRUPTED_BASE + interrupted_by
    return 1 if failed or not complete else 0


def _show(folder: Path, *, complete: bool, report: bool) -> None:
    """On standard output what was found, and the report where it is wanted and complete."""
    machines = load(folder)
    print("\n\n".join(as_text(machine) for machine in machines), flush=True)
    if not complete:
        print("Incomplete: cases are missing or ran less often.", flush=True)
        return
    if not report:
        say(f"results: {folder}; to draw the report: tools/study report {folder}")
        return
    # Late: what draws the charts is large, and this process forks for each sample until now.
    from .report import write_report

    write_report(machines, folder)
    say(f"report: {folder / 'report.html'}, and report.md beside it")


def _fingerprint(options: StudyOptions) -> dict[str, Json]:
    """What tells one build of bench, and of the origin beside it, from another."""
    found: dict[str, Json] = {"bench_sha256": _sha256(options.bench)}
    origin = options.bench.with_name("origin")
    return found | ({"origin_sha256": _sha256(origin)} if origin.exists() else {})


def _sha256(program: Path) -> str:
    try:
        with program.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise StudyError(f"{program}: cannot be read: {error.strerror}") from error
