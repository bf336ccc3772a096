"""tools/regress as the campaign runs it, and what it answers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..child_setup import child_setup
from .builds import CampaignError

PYTHON_OF_REGRESS = (sys.executable, "-m", "concurrency_report", "regress")
_CANNOT = 2
_LAST_OF_REGRESS = 3  # of its exit statuses that are an answer
# Over before the first pair.
_NO_MINUTES = 0.0001
_KEPT = (
    *("exit_status", "summary", "incomparable", "remarks", "machine", "rows", "failures"),
    *("pairs_taken", "pairs_dropped", "minutes", "seed"),
)


@dataclass(frozen=True)
class Regress:
    """`tools` is the folder of tools that it is one of; `cache` where it keeps noise floors."""

    command: Sequence[str]
    tools: Path
    cache: Path

    def prepare(self, base: Path, head: Path) -> None:
        """Measures the noise floors of base unless the cache has them. Throws CampaignError where
        tools/regress would not compare the two builds, whatever its reason, or not now."""
        answer = self.answer(base, head, _NO_MINUTES, seed=0)
        if answer["incomparable"] or answer["failures"]:
            raise CampaignError(f"{base} and {head}: {answer['summary']}")
        # Without floors there is nothing to judge, so that there are no rows.
        if not answer["rows"]:
            raise CampaignError(f"no noise floors of {base}: {' '.join(answer['remarks'])}")

    def answer(self, base: Path, head: Path, minutes: float, seed: int) -> dict[str, Any]:
        """It ends with this process. Throws CampaignError, OSError."""
        with tempfile.TemporaryDirectory(prefix="campaign-") as temporary:
            file = Path(temporary) / "answer.json"
            command = [
                *(*self.command, str(base), str(head)),
                *("--minutes", str(minutes), "--seed", str(seed)),
                *("--json", str(file), "--cache", str(self.cache)),
            ]
            ended = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                # Python looks for modules where it is started before it looks anywhere else.
                cwd=self.tools,
                env={**os.environ, "PYTHONPATH": str(self.tools)},
                preexec_fn=child_setup(),
            )
            answers = 0 <= ended.returncode <= _LAST_OF_REGRESS and ended.returncode != _CANNOT
            # Python's own status after an exception is that of a regression.
            if not answers or not file.exists():
                said = (ended.stderr.strip().splitlines() or ["no word"])[-1]
                raise CampaignError(f"tools/regress ended with {ended.returncode}: {said}")
            answer = json.loads(file.read_text(encoding="utf-8"))
        return {key: answer[key] for key in _KEPT} | {"exit_status": ended.returncode}
