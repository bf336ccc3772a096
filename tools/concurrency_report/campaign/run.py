"""Runs tools/regress over and over where the answer is known; a line in the journal for each run,
so that it can be gone on with after an end of any kind."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..bench import UNCALIBRATED, Bench, BenchError
from ..child_setup import child_setup
from ..children import Children
from ..fingerprint import fingerprint
from ..journal import Journal
from ..regress.sampling import Failure, Side, context_of
from ..results import Json
from .answers import PYTHON_OF_REGRESS, Regress
from .builds import Builds, CampaignError, commit_of
from .found import Run, counts
from .parts import BASE, Part

RUNS = "runs.jsonl"
BLOCK = 10
"""So many runs share noise floors, which are measured before the first of them."""
_MOST_RUNS = 2
"""For each one wanted: a machine that is never idle must not be waited for."""


class OtherCampaignError(CampaignError):
    """The folder has the runs of another commit or machine, or of runs of another length."""


@dataclass(frozen=True)
class _PartRuns:
    """`wanted` is how many of the part's runs shall count."""

    part: Part
    wanted: int
    runs: list[Run]

    @property
    def counted(self) -> int:
        return sum(counts(self.part, run) for run in self.runs)

    @property
    def is_open(self) -> bool:
        return self.counted < self.wanted and len(self.runs) < _MOST_RUNS * self.wanted


def run_campaign(
    repository: Path,
    folder: Path,
    parts: Mapping[Part, int],
    minutes: float,
    say: Callable[[str], None],
    *,
    command: Sequence[str] = PYTHON_OF_REGRESS,
) -> None:
    """Until as many runs of each part count as `parts` says, or there were twice as many. Throws
    CampaignError, JournalError, OSError; KeyboardInterrupt loses the run that is under way."""
    folder.mkdir(parents=True, exist_ok=True)
    commit = commit_of(repository)
    with _journal(folder, {"commit": commit, "minutes": minutes}) as journal:
        waiting = [
            each
            for part, wanted in parts.items()
            if (each := _PartRuns(part, wanted, _runs(journal, part))).is_open
        ]
        if not waiting:
            return
        builds = Builds(repository, commit, folder / "builds" / commit, say)
        base = builds.built(BASE, None)
        heads = [builds.built(each.part.head, each.part.patch) for each in waiting]
        machine = _fingerprint(base)
        _require_machine(journal, machine)
        tools = builds.tree(BASE) / "tools"
        for each, head in zip(waiting, heads, strict=True):
            part, prepared = each.part, None
            while each.is_open:
                number = len(each.runs) + 1
                block = (number - 1) // BLOCK + 1
                cache = folder / "noise" / f"{part.name}-{block}"
                regress = Regress(command, tools, cache)
                if block != prepared:
                    say(f"{part.name}: noise floors for runs {_runs_of(block)}")
                    regress.prepare(base, head)
                    prepared = block
                with _busy_core() if part.busy else _idle():
                    answer = regress.answer(base, head, part.minutes or minutes, number)
                found = {"part": part.name, "run": number, "fingerprint": machine, **answer}
                journal.append(found)
                each.runs.append(found)
                said = answer["summary"] if counts(part, found) else "does not count"
                say(f"{part.name} {number}, {each.counted} of {each.wanted}: {said}")
            if each.counted < each.wanted:
                say(
                    f"{part.name}: given up, only {each.counted} of {len(each.runs)} runs count: "
                    "go on when the machine is idle, with more --runs"
                )


def _runs(journal: Journal, part: Part) -> list[Run]:
    return [entry for entry in journal.entries if entry.get("part") == part.name]


def _runs_of(block: int) -> str:
    return f"{(block - 1) * BLOCK + 1} to {block * BLOCK}"


def _journal(folder: Path, what: Mapping[str, Json]) -> Journal:
    if not (folder / RUNS).exists():
        return Journal.create(folder, what, RUNS)
    journal = Journal.resume(folder, RUNS)
    if journal.study != what:
        with journal:
            raise OtherCampaignError(
                f"{folder / RUNS}: of {_in_words(journal.study)}, not {_in_words(what)}: "
                "begin anew with another --results"
            )
    return journal


def _in_words(what: Mapping[str, Json]) -> str:
    return f"commit {what.get('commit')} with {what.get('minutes')} minutes a run"


def _fingerprint(build: Path) -> str:
    """Of this machine, and of how the build was made."""
    with Children() as children:
        bench = Bench(build / "bench", children, defaults=(UNCALIBRATED,))
        try:
            found: Mapping[str, Json] | Failure = context_of(
                Side(BASE, bench), bench.cases(("--study",))[0]
            )
        except BenchError as error:
            found = Failure("the study", BASE, str(error))
    if children.interrupted_by is not None:
        raise KeyboardInterrupt
    if isinstance(found, Failure):
        raise CampaignError(f"{found.case} failed in {found.side}: {found.reason}")
    return fingerprint(found).digest


def _require_machine(journal: Journal, machine: str) -> None:
    for entry in journal.entries:
        if entry["fingerprint"] != machine:
            raise OtherCampaignError(
                f"{journal.path}: of another machine or compiler ({entry['machine']}): "
                "begin anew with another --results"
            )


@contextmanager
def _idle() -> Iterator[None]:
    yield


@contextmanager
def _busy_core() -> Iterator[None]:
    """Another program that computes, wherever the system puts it; it ends with this one."""
    with subprocess.Popen(
        [sys.executable, "-c", "while True: pass"], preexec_fn=child_setup()
    ) as program:
        try:
            yield
        finally:
            program.kill()
