"""The builds that the campaign compares: of one commit's source, as it is or with a patch."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..child_setup import child_setup

_PATCHES = Path("tools", "concurrency_report", "campaign")


class CampaignError(Exception):
    """The campaign cannot go on; its text is one line."""


def commit_of(repository: Path) -> str:
    """The number of what is checked out there. Throws CampaignError."""
    return _git(repository, "rev-parse", "--verify", "HEAD").decode().strip()


@dataclass(frozen=True)
class Builds:
    """`folder` is where they are kept, a tree each. Whatever is compared, and whatever compares it,
    is the commit's: what is checked out later, or changed and not committed, has no part in it."""

    repository: Path
    commit: str
    folder: Path
    say: Callable[[str], None]

    def tree(self, name: str) -> Path:
        return self.folder / name

    def built(self, name: str, patch: str | None) -> Path:
        """The build folder; takes the time of a whole build once. Throws CampaignError, OSError."""
        tree = self.tree(name)
        whole = self.folder / f"{name}.built"  # written last
        if not whole.exists():
            self.say(f"building {name}")
            self._unpack(tree)
            if patch is not None:
                self._apply(patch, tree)
            ended = subprocess.run(
                [tree / "tools" / "build", "bench", "origin"],
                stdout=sys.stderr.fileno(),
                check=False,
                preexec_fn=child_setup(),
            )
            if ended.returncode != 0:
                raise CampaignError(f"{name}: does not build, see above")
            whole.touch()
        return tree / "build"

    def _unpack(self, tree: Path) -> None:
        """Without its history, so that no folder can tell who it is; anew, for what an interruption
        left is no whole tree."""
        shutil.rmtree(tree, ignore_errors=True)
        tree.mkdir(parents=True)
        with tempfile.TemporaryFile() as archive:
            archive.write(_git(self.repository, "archive", self.commit))
            archive.seek(0)
            subprocess.run(["tar", "-x", "-C", tree], stdin=archive, check=True)

    def _apply(self, patch: str, tree: Path) -> None:
        patched = subprocess.run(
            ["git", "apply", tree / _PATCHES / patch],
            cwd=tree,
            # Within a repository's folder git takes the repository's files for those meant.
            env={**os.environ, "GIT_CEILING_DIRECTORIES": str(self.folder)},
            check=False,
        )
        if patched.returncode != 0:
            raise CampaignError(f"{patch}: does not fit the source any more, see above")


def _git(folder: Path, *arguments: str) -> bytes:
    found = subprocess.run(["git", "-C", folder, *arguments], capture_output=True, check=False)
    if found.returncode != 0:
        said = found.stderr.decode(errors="replace").strip().splitlines()
        raise CampaignError(f"{folder}: git {arguments[0]} failed: {said[-1] if said else ''}")
    return found.stdout
