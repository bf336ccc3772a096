"""A copy of a script with stubs for all that it calls, to see what it makes of them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class StubbedProject:
    """`script` is a path in this project, `stubs` are programs by their paths in the copy, in
    shell; those in bin/ come before the system's. Every call is logged before its stub runs."""

    def __init__(self, folder: Path, script: str, stubs: Mapping[str, str]) -> None:
        self.folder = folder
        self._script = script
        for each in (script, "tools/common.bash"):
            (folder / each).parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / each, folder / each)
        for program, does in stubs.items():
            self.stub(program, does)

    def stub(self, program: str, script: str) -> None:
        path = self.folder / program
        path.parent.mkdir(parents=True, exist_ok=True)
        call = f"{path.name} $*"
        path.write_text(f'#!/bin/sh\necho "{call}" >>"{self.folder}/log"\n{script}\n')
        path.chmod(0o755)

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Standard error is in standard output."""
        path = f"{self.folder}/bin:{os.environ['PATH']}"
        return subprocess.run(
            ["bash", self.folder / self._script, *arguments],
            env=os.environ | {"CI": "true", "PATH": path, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def calls(self) -> list[str]:
        return (self.folder / "log").read_text().splitlines()
