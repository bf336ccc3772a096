"""The two builds to compare: folders that were built already, or commits, built once and kept."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..children import Children
from ..plain_text import one_line

_TARGETS = ("bench", "origin")
_SHORT_COMMIT = 12
_WHOLE = "built"


class BuildError(Exception):
    """There is no build of what was named; its text is one line."""


@dataclass(frozen=True)
class Build:
    """`label` is what people are told it is."""

    label: str
    bench: Path


class Builds:
    """`repository` is where commits come from, `cache` where they are checked out and built, a
    folder each by its full number."""

    def __init__(self, repository: Path, cache: Path, children: Children) -> None:
        self._repository = repository
        self._cache = cache
        self._children = children

    def find(self, name: str) -> Build:
        """Of a build folder, which has a bench, or of a commit by any of its names. Takes the time
        of a whole build for a commit that is new here."""
        folder = Path(name)
        if folder.is_dir():
            program = folder / "bench"
            if not program.is_file():
                raise BuildError(f"{name}: there is no bench in this folder: build it first")
            return Build(name, program.absolute())
        number = self._number_of(name)
        return Build(f"{name} ({number[:_SHORT_COMMIT]})", self._built(name, number))

    def _number_of(self, name: str) -> str:
        found = self._git(
            "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"
        )
        if found.returncode != 0:
            raise BuildError(f"{one_line(name)}: neither a commit nor a folder")
        return found.stdout.strip()

    def _built(self, name: str, number: str) -> Path:
        tree = self._cache / number
        program = tree / "build" / "bench"
        # Written last: a build that was interrupted has none.
        whole = self._cache / f"{number}.{_WHOLE}"
        self._cache.mkdir(parents=True, exist_ok=True)
        with _alone(self._cache / f"{number}.lock"):
            if whole.exists() and program.exists():
                return program
            whole.unlink(missing_ok=True)
            self._check_out(name, number, tree)
            command: list[str | Path] = [tree / "tools" / "build", *_TARGETS]
            try:
                status = self._children.run(command, stdout=sys.stderr.fileno())
            except OSError as error:
                raise BuildError(f"{name}: has no tools/build to build it by") from error
            if status != 0 or not program.exists():
                raise BuildError(f"{name}: does not build, see above")
            whole.touch()
        return program

    def _check_out(self, name: str, number: str, tree: Path) -> None:
        """Anew, unless it is there: what an interruption left of it is no whole tree."""
        self._git("worktree", "remove", "--force", str(tree))
        self._git("worktree", "prune")
        command = ["worktree", "add", "--detach", "--force", "--quiet", str(tree), number]
        found = self._git(*command)
        if found.returncode != 0:
            said = found.stderr.strip().splitlines()
            raise BuildError(f"{name}: cannot be checked out: {said[-1] if said else 'git failed'}")

    def _git(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = ["git", "-C", str(self._repository), *arguments]
        try:
            return subprocess.run(command, capture_output=True, text=True, check=False)
        except OSError as error:
            raise BuildError(f"git cannot be run: {error.strerror}") from error


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Waits until nobody else builds the same commit."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
