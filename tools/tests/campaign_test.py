"""tools/regress-campaign: gone on with, bound to a commit, its builds, and how it ends."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from concurrency_report.campaign import command
from concurrency_report.campaign import run as campaign_run
from concurrency_report.campaign.parts import PARTS, part_named
from concurrency_report.campaign.run import CampaignError, OtherCampaignError, run_campaign
from concurrency_report.journal import Journal

ROOT = Path(__file__).resolve().parents[2]
PATCHES = {part.patch for part in PARTS if part.patch is not None}

# Ends with the status that the file says, having written an answer unless it is to crash.
REGRESS = """
import json, sys
status = int(open(sys.argv[1]).read())
answer = dict(exit_status=0, summary="said", rows=[], failures=[], pairs_taken=8, minutes=1)
file = sys.argv[sys.argv.index("--json") + 1]
if status != 11:
    json.dump(answer | {"seed": int(sys.argv[sys.argv.index("--seed") + 1])}, open(file, "w"))
print("the last word", file=sys.stderr)
sys.exit(status % 10)
"""
CRASHED = 11  # ends with 1, which is Python's own status after an exception


class Campaign:
    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.status = folder / "status"
        self.commit = "a"
        monkeypatch.setattr(campaign_run, "_commit", lambda _: self.commit)
        self.built: list[str] = []
        monkeypatch.setattr(campaign_run, "_built", self._build)

    def _build(self, _: Path, builds: Path, name: str, *_more: object) -> Path:
        self.built.append(name)
        return builds / name

    def __call__(self, part: str, runs: int, status: int = 0) -> None:
        self.status.write_text(str(status))
        regress = (sys.executable, "-c", REGRESS, str(self.status))
        run_campaign(ROOT, self.folder, {part_named(part): runs}, 1.0, print, regress=regress)

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
    campaign.built.clear()
    campaign("busy", 2)
    assert campaign.built == []
    assert campaign.runs() == [("busy", 1, 0, 1), ("idle", 1, 3, 1), ("busy", 2, 1, 2)]


def test_runs_of_another_commit_do_not_mix(campaign: Campaign) -> None:
    campaign("idle", 1)
    campaign.commit = "b"
    with pytest.raises(OtherCampaignError, match=r"runs\.jsonl: of commit a .* not commit b"):
        campaign("idle", 2)


@pytest.mark.parametrize("status", [2, 4, CRASHED])
def test_a_run_without_an_answer_is_none(campaign: Campaign, status: int) -> None:
    campaign("idle", 1)
    with pytest.raises(CampaignError, match=f"ended with {status % 10}: the last word"):
        campaign("idle", 2, status=status)
    assert len(campaign.runs()) == 1


def test_what_is_compared_are_builds_in_folders_of_their_own(campaign: Campaign) -> None:
    for part in ("idle", "rebuilt", "cpu"):
        campaign(part, 1)
    assert campaign.built == ["base", "base", "base", "the-same-elsewhere", "base", "cpu"]


def test_a_line_cut_short_by_a_kill_is_run_again(campaign: Campaign) -> None:
    campaign("idle", 2, status=3)
    file = campaign.folder / campaign_run.RUNS
    whole = file.read_bytes()
    file.write_bytes(whole[:-20])
    campaign("idle", 2, status=3)
    assert file.read_bytes() == whole


def test_a_core_is_busy_only_where_it_is_meant_to_be(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs: list[subprocess.Popen[bytes]] = []

    class Watched(subprocess.Popen[bytes]):
        def __init__(self, command: list[str], **options: Any) -> None:
            super().__init__(command, **options)
            if "while True" in command[-1]:
                programs.append(self)

    monkeypatch.setattr(subprocess, "Popen", Watched)
    campaign("idle", 1)
    assert programs == []
    with pytest.raises(CampaignError):
        campaign("busy", 1, status=2)
    assert [program.returncode for program in programs] == [-signal.SIGKILL]


def repository(folder: Path, build: str) -> Path:
    """One commit, of what the patches change and a tools/build that is this script."""
    shutil.copytree(ROOT / "lib" / "src", folder / "lib" / "src")
    (folder / "tools").mkdir()
    (folder / "tools" / "build").write_text(f"#!/bin/sh\n{build}\n")
    (folder / "tools" / "build").chmod(0o755)
    git(folder, "init", "-q")
    commit(folder)
    return folder


def commit(folder: Path) -> None:
    git(folder, "add", "-A")
    git(folder, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "a")


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", folder, *arguments], check=True)


def test_a_patched_build_is_made_once_and_again_after_it_failed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    script = f'echo "$@" >>"{log}"; [ -e "{tmp_path}/works" ]'
    source = repository(tmp_path / "source", script)
    # Within the repository, as results/ is.
    builds = source / "builds"

    def built() -> Path:
        return campaign_run._built(source, builds, "io", "io.patch", print)

    with pytest.raises(CampaignError, match="io: does not build"):
        built()
    (tmp_path / "works").touch()
    assert built() == built() == builds / "io" / "build"
    assert log.read_text() == 2 * "bench origin\n"
    tree = builds / "io"
    assert "emplace_back" in (tree / "lib/src/standard_workloads.cpp").read_text()
    assert "fibonacci(n - less)" in (tree / "lib/src/job_run.cpp").read_text()
    assert not (tree / ".git").exists()


def test_a_patch_that_does_not_fit_is_named(tmp_path: Path) -> None:
    source = repository(tmp_path / "source", "exit 1")
    (source / "lib" / "src" / "job_run.cpp").write_text("another")
    commit(source)
    with pytest.raises(CampaignError, match=r"cpu\.patch: does not fit the source any more"):
        campaign_run._built(source, tmp_path / "builds", "cpu", "cpu.patch", print)


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


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (CampaignError("idle: does not build"), 1, "error: idle: does not build"),
        (OtherCampaignError("of another commit"), 2, "error: of another commit"),
        (OSError(28, "No space left", "runs.jsonl"), 1, "error: runs.jsonl: No space left"),
        (KeyboardInterrupt(), 130, "interrupted: the runs that ended are kept"),
    ],
)
def test_what_ends_it_is_said_in_a_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    status: int,
    said: str,
) -> None:
    def fails(*_: object) -> None:
        raise error

    monkeypatch.setattr(campaign_run, "run_campaign", fails)
    assert command.campaign(["--results", str(tmp_path)]) == status
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"regress-campaign: {said}")
