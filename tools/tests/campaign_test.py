"""tools/regress-campaign: gone on with, bound to a commit, and what its runs come to."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from concurrency_report.campaign import run as campaign_run
from concurrency_report.campaign.parts import PARTS, part_named
from concurrency_report.campaign.run import CampaignError, OtherCampaignError, run_campaign
from concurrency_report.campaign.show import Found, found_in, write_summary
from concurrency_report.journal import Journal

ROOT = Path(__file__).resolve().parents[2]
PATCHES = {part.patch for part in PARTS if part.patch is not None}

# Ends with the status that the file says, having written an answer.
REGRESS = """
import json, sys
status = int(open(sys.argv[1]).read())
answer = dict(exit_status=status, summary="said", rows=[], failures=[], pairs_taken=8, minutes=1)
file = sys.argv[sys.argv.index("--json") + 1]
json.dump(answer | {"seed": int(sys.argv[sys.argv.index("--seed") + 1])}, open(file, "w"))
print("the last word", file=sys.stderr)
sys.exit(status)
"""


class Campaign:
    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.status = folder / "status"
        self.commit = "a"
        monkeypatch.setattr(campaign_run, "_commit", lambda _: self.commit)
        monkeypatch.setattr(campaign_run, "_built", lambda _, builds, name, *more: builds / name)

    def __call__(self, part: str, runs: int, status: int = 0) -> None:
        self.status.write_text(str(status))
        command = (sys.executable, "-c", REGRESS, str(self.status))
        run_campaign(ROOT, self.folder, {part_named(part): runs}, 1.0, print, regress=command)

    def runs(self) -> list[tuple[Any, ...]]:
        with Journal.resume(self.folder, campaign_run.RUNS) as journal:
            return [(e["part"], e["run"], e["exit_status"], e["seed"]) for e in journal.entries]


@pytest.fixture
def campaign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Campaign:
    return Campaign(tmp_path, monkeypatch)


def test_goes_on_where_it_ended_and_runs_nothing_twice(campaign: Campaign) -> None:
    campaign("busy", 1)
    campaign("idle", 1, status=3)
    campaign("busy", 2, status=1)
    campaign("busy", 2)
    assert campaign.runs() == [("busy", 1, 0, 1), ("idle", 1, 3, 1), ("busy", 2, 1, 2)]


def test_runs_of_another_commit_do_not_mix(campaign: Campaign) -> None:
    campaign("idle", 1)
    campaign.commit = "b"
    with pytest.raises(OtherCampaignError, match=r"runs\.jsonl: of commit a .* not commit b"):
        campaign("idle", 2)


def test_a_run_without_an_answer_is_none(campaign: Campaign) -> None:
    campaign("idle", 1)
    with pytest.raises(CampaignError, match="ended with 2: the last word"):
        campaign("idle", 2, status=2)
    assert len(campaign.runs()) == 1


@pytest.mark.parametrize("patch", sorted(PATCHES))
def test_patches_fit_the_source(tmp_path: Path, patch: str) -> None:
    shutil.copytree(ROOT / "lib" / "src", tmp_path / "lib" / "src")
    file = Path(campaign_run.__file__).with_name(patch)
    applied = subprocess.run(
        ["git", "apply", "--check", str(file)],
        cwd=tmp_path,
        env={**os.environ, "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)},
        check=False,
    )
    assert applied.returncode == 0


def entry(part: str, number: int, status: int, *red: str) -> dict[str, Any]:
    rows = [
        {"case": case, "metric": "wall", "verdict": "regressed" if case in red else "no change"}
        for case in ("cpu_threads", "io_async")
    ]
    return {
        **{"part": part, "run": number, "exit_status": status, "rows": rows},
        **{"pairs_taken": 8, "minutes": 1.0},
    }


def found(part: str, statuses: list[int], *red: str) -> Found:
    (only,) = found_in(entry(part, i, status, *red) for i, status in enumerate(statuses, 1))
    return only


def test_false_alarms_decide_where_nothing_is_slower() -> None:
    assert found("idle", [0] * 59).holds is None
    assert found("idle", [0] * 58 + [3, 1], "io_async").holds is True
    assert found("idle", [0] * 58 + [1, 1], "io_async").holds is False
    assert found("busy", [3] * 20).holds is True
    assert found("busy", [3] * 19 + [1], "io_async").holds is False


def test_power_counts_only_runs_that_name_the_right_cases() -> None:
    assert found("cpu", [1] * 27 + [0] * 3, "cpu_threads").holds is True
    assert found("cpu", [1] * 26 + [0] * 4, "cpu_threads").holds is False
    assert found("cpu", [1] * 30, "cpu_threads", "io_async").holds is False
    assert found("io", [1] * 18 + [3] * 2, "io_async").holds is True


def test_the_summary_has_power_and_false_alarms(tmp_path: Path) -> None:
    entries = [entry("cpu", 1, 1, "cpu_threads"), entry("idle", 1, 1, "io_async")]
    text = write_summary({"commit": "a", "minutes": 1.0}, found_in(entries), tmp_path)
    assert "| cpu_threads | wall | 1 | 1 |" in text
    assert "- a build against itself, run 1: io_async" in text
    assert (tmp_path / "summary.md").read_text() == text
    assert (tmp_path / "runs.csv").read_text().splitlines()[1] == "idle,1,1,8,1.0"
    assert "cpu,cpu_threads,wall,1,1" in (tmp_path / "cases.csv").read_text()
