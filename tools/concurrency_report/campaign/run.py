"""Builds what the campaign compares, and runs tools/regress over and over; a line in the journal
for each run, so that it can be gone on with after an end of any kind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from ..child_setup import child_setup
from ..journal import Journal
from ..results import Json
from .parts import BASE, Part

RUNS = "runs.jsonl"
_CANNOT = 2
_LAST_OF_REGRESS = 3  # of its exit statuses that are an answer


class CampaignError(Exception):
    """The campaign cannot go on; its text is one line."""


class OtherCampaignError(CampaignError):
    """The folder has the runs of another commit, or of runs of another length."""


def run_campaign(
    repository: Path,
    folder: Path,
    parts: Mapping[Part, int],
    minutes: float,
    say: Callable[[str], None],
    *,
    regress: Sequence[str] = (sys.executable, "-m", "concurrency_report", "regress"),
) -> None:
    """Until there are as many runs of each part as `parts` says. Throws CampaignError,
    JournalError, OSError; KeyboardInterrupt loses the run that is under way."""
    folder.mkdir(parents=True, exist_ok=True)
    commit = _commit(repository)
    what: dict[str, Json] = {"commit": commit, "minutes": minutes}
    builds = folder / "builds" / commit
    with _journal(folder, what) as journal:
        for part, runs in parts.items():
            done = sum(entry.get("part") == part.name for entry in journal.entries)
            if done >= runs:
                continue
            sides = [_built(repository, builds, *side, say) for side in _sides(part)]
            for number in range(done + 1, runs + 1):
                with _busy_core() if part.busy else _idle():
                    answer = _run(regress, sides, folder, minutes, seed=number)
                journal.append({"part": part.name, "run": number, **answer})
                say(f"{part.name} {number} of {runs}: {answer['summary']}")


def _sides(part: Part) -> list[tuple[str, str | None]]:
    """Names and patches of base and head."""
    return [(BASE, None), (part.head, part.patch)]


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


def _commit(repository: Path) -> str:
    return _git(repository, "rev-parse", "--verify", "HEAD").decode().strip()


def _git(folder: Path, *arguments: str) -> bytes:
    found = subprocess.run(["git", "-C", folder, *arguments], capture_output=True, check=False)
    if found.returncode != 0:
        said = found.stderr.decode(errors="replace").strip().splitlines()
        raise CampaignError(f"{folder}: git {arguments[0]} failed: {said[-1] if said else ''}")
    return found.stdout


def _built(
    repository: Path, folder: Path, name: str, patch: str | None, say: Callable[[str], None]
) -> Path:
    """Of the commit's source without its history, so that no folder can tell who it is."""
    tree = folder / name
    build = tree / "build"
    whole = folder / f"{name}.built"  # written last
    if whole.exists():
        return build
    say(f"building {name}")
    tree.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile() as archive:
        archive.write(_git(repository, "archive", "HEAD"))
        archive.seek(0)
        subprocess.run(["tar", "-x", "-C", tree], stdin=archive, check=True)
    if patch is not None:
        patched = subprocess.run(
            ["git", "apply", Path(__file__).with_name(patch)],
            cwd=tree,
            # Within a repository's folder git takes the repository's files for those meant.
            env={**os.environ, "GIT_CEILING_DIRECTORIES": str(folder)},
            check=False,
        )
        if patched.returncode != 0:
            raise CampaignError(f"{patch}: does not fit the source any more, see above")
    built = subprocess.run(
        [tree / "tools" / "build", "bench", "origin"], stdout=sys.stderr.fileno(), check=False
    )
    if built.returncode != 0:
        raise CampaignError(f"{name}: does not build, see above")
    whole.touch()
    return build


def _run(
    regress: Sequence[str], sides: Sequence[Path], folder: Path, minutes: float, seed: int
) -> dict[str, Json]:
    with tempfile.TemporaryDirectory(prefix="campaign-") as temporary:
        file = Path(temporary) / "answer.json"
        command = [
            *(*regress, *map(str, sides), "--minutes", str(minutes), "--seed", str(seed)),
            *("--json", str(file), "--cache", str(folder / "cache")),
        ]
        ended = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        answers = 0 <= ended.returncode <= _LAST_OF_REGRESS and ended.returncode != _CANNOT
        # Python's own status after an exception is that of a regression.
        if not answers or not file.exists():
            said = ended.stderr.strip().splitlines()
            raise CampaignError(
                f"tools/regress ended with {ended.returncode}: {said[-1] if said else 'no word'}"
            )
        answer = json.loads(file.read_text(encoding="utf-8"))
    kept = ("exit_status", "summary", "rows", "failures", "pairs_taken", "minutes", "seed")
    return {key: answer[key] for key in kept} | {"exit_status": ended.returncode}


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
