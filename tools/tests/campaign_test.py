"""tools/regress-campaign: gone on with, bound to a commit, its builds, and how it ends."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from concurrency_report.campaign import answers, command
from concurrency_report.campaign import run as campaign_run
from concurrency_report.campaign.builds import Builds, CampaignError, commit_of
from concurrency_report.campaign.parts import PARTS, part_named
from concurrency_report.campaign.run import OtherCampaignError, run_campaign
from concurrency_report.journal import Journal

ROOT = Path(__file__).resolve().parents[2]
PATCHES = {part.patch for part in PARTS if part.patch is not None}

# Ends with the status that the file says, having written an answer unless it is to crash, and notes
# how it was called.
REGRESS = """
import json, os, sys
status, log, *arguments = sys.argv[1:]
status = int(open(status).read())
given = dict(zip(arguments[2::2], arguments[3::2]))
called = [*map(os.path.basename, arguments[:2]), given["--minutes"], given["--seed"]]
called += [os.path.basename(given["--cache"]), os.getcwd(), os.environ["PYTHONPATH"]]
with open(log, "a") as calls:
    print(json.dumps(called), file=calls)
answer = dict(exit_status=0, summary="said", rows=["a row"], failures=[], pairs_taken=8, minutes=1)
answer |= dict(machine="a machine", pairs_dropped={}, remarks=["slow"], incomparable=None)
if status == 13:
    answer["incomparable"] = answer["summary"] = "Base and head differ in fetches."
if status == 23:
    answer["rows"] = []
if status == 33:
    answer["pairs_dropped"] = {"processors were taken away by the host": 5}
if status != 11:
    json.dump(answer | {"seed": int(given["--seed"])}, open(given["--json"], "w"))
print("the last word", file=sys.stderr)
sys.exit(status % 10)
"""
CRASHED = 11  # ends with 1, which is Python's own status after an exception
INCOMPARABLE = 13
TOO_BUSY = 23
DISTURBED = 33


class Campaign:
    """Its builds are none, its tools/regress is the script above."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.status = folder / "status"
        self.log = folder / "log"
        self.commit = "a"
        self.machine = "this"
        monkeypatch.setattr(campaign_run, "commit_of", lambda _: self.commit)
        monkeypatch.setattr(campaign_run, "_fingerprint", lambda _: self.machine)
        self.events: list[str] = []
        monkeypatch.setattr(Builds, "built", self._build)
        self.tools = folder / "builds" / self.commit / "base" / "tools"
        self.tools.mkdir(parents=True)

    def _build(self, name: str, _: str | None) -> Path:
        self.events.append(name)
        return self.folder / "builds" / self.commit / name

    def __call__(self, part: str, runs: int, status: int = 0) -> None:
        self.run({part: runs}, status)

    def run(self, parts: dict[str, int], status: int = 0) -> None:
        self.status.write_text(str(status))
        regress = (sys.executable, "-c", REGRESS, str(self.status), str(self.log))
        wanted = {part_named(part): runs for part, runs in parts.items()}
        run_campaign(ROOT, self.folder, wanted, 1.0, self.events.append, command=regress)

    def runs(self) -> list[tuple[Any, ...]]:
        return [(e["part"], e["run"], e["exit_status"], e["seed"]) for e in self.entries()]

    def entries(self) -> list[Any]:
        with Journal.resume(self.folder, campaign_run.RUNS) as journal:
            return journal.entries

    def calls(self) -> list[Any]:
        """Base, head, minutes, seed, cache, folder and modules of each run of tools/regress."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]


@pytest.fixture
def campaign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Campaign:
    return Campaign(tmp_path, monkeypatch)


def test_goes_on_where_it_ended_and_runs_nothing_twice(campaign: Campaign) -> None:
    campaign("busy", 1)
    campaign("idle", 1, status=3)
    campaign("busy", 2, status=1)
    campaign.events.clear()
    campaign("busy", 2)
    assert campaign.events == []
    assert campaign.runs() == [("busy", 1, 0, 1), ("idle", 1, 3, 1), ("busy", 2, 1, 2)]


def test_a_run_of_a_machine_that_was_not_idle_is_made_up_for(campaign: Campaign) -> None:
    campaign("idle", 1)
    campaign("idle", 2, status=DISTURBED)
    assert [run[1] for run in campaign.runs()] == [1, 2, 3, 4]
    assert campaign.events[-1] == (
        "idle: given up, only 1 of 4 runs count: go on when the machine is idle, with more --runs"
    )
    campaign("idle", 2)
    assert len(campaign.runs()) == 4
    campaign("idle", 3)
    assert [run[1:3] for run in campaign.runs()][4:] == [(5, 0), (6, 0)]


def test_runs_of_another_commit_or_machine_do_not_mix(campaign: Campaign) -> None:
    campaign("idle", 1)
    campaign.machine = "that"
    with pytest.raises(OtherCampaignError, match=r"another machine or compiler \(a machine\)"):
        campaign("idle", 2)
    campaign.commit = "b"
    with pytest.raises(OtherCampaignError, match=r"runs\.jsonl: of commit a .* not commit b"):
        campaign("idle", 2)


def test_a_run_is_kept_with_all_that_says_what_it_is_worth(campaign: Campaign) -> None:
    campaign("idle", 1)
    (entry,) = campaign.entries()
    assert set(answers._KEPT) | {"part", "run", "fingerprint"} == set(entry)
    assert (entry["fingerprint"], entry["machine"], entry["remarks"]) == (
        *("this", "a machine"),
        ["slow"],
    )


@pytest.mark.parametrize("status", [2, 4, CRASHED])
def test_a_run_without_an_answer_is_none(campaign: Campaign, status: int) -> None:
    campaign("idle", 1)
    with pytest.raises(CampaignError, match=f"ended with {status % 10}: the last word"):
        campaign("idle", 2, status=status)
    assert len(campaign.runs()) == 1


def test_all_is_built_before_anything_runs(campaign: Campaign) -> None:
    campaign.run({"idle": 1, "rebuilt": 1, "cpu": 1})
    assert campaign.events[:5] == [
        *("base", "base", "the-same-elsewhere", "cpu"),
        "idle: noise floors for runs 1 to 10",
    ]
    assert {(*call[:2], *call[5:]) for call in campaign.calls()} == {
        ("base", head, str(campaign.tools), str(campaign.tools))
        for head in ("base", "the-same-elsewhere", "cpu")
    }


def test_each_ten_runs_get_noise_floors_of_their_own(campaign: Campaign) -> None:
    campaign("cpu", 9)
    campaign("cpu", 11)
    calls = [tuple(call[2:5]) for call in campaign.calls()]
    none = str(answers._NO_MINUTES)
    ran = [("1.0", str(number), "cpu-1") for number in range(1, 11)]
    assert calls == [
        *((none, "0", "cpu-1"), *ran[:9]),
        *((none, "0", "cpu-1"), *ran[9:]),
        *((none, "0", "cpu-2"), ("1.0", "11", "cpu-2")),
    ]


def test_a_part_may_have_its_own_minutes(campaign: Campaign) -> None:
    campaign("ten-minutes", 1)
    assert [call[2] for call in campaign.calls()] == [str(answers._NO_MINUTES), "10.0"]


def test_nothing_runs_that_regress_would_refuse(campaign: Campaign) -> None:
    with pytest.raises(CampaignError, match=r"base and .*io: .* differ in fetches"):
        campaign("io", 1, status=INCOMPARABLE)
    assert len(campaign.calls()) == 1
    assert campaign.runs() == []


def test_nothing_runs_without_noise_floors(campaign: Campaign) -> None:
    with pytest.raises(CampaignError, match=r"no noise floors of .*base: slow"):
        campaign("idle", 1, status=TOO_BUSY)
    assert campaign.runs() == []


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
            assert options["preexec_fn"] is not None  # it ends with the campaign
            if "while True" in command[-1]:
                programs.append(self)
                # By now the noise floors are known.
                assert len(campaign.calls()) == 3
                campaign.status.write_text("2")

    monkeypatch.setattr(subprocess, "Popen", Watched)
    campaign("idle", 1)
    assert programs == []
    with pytest.raises(CampaignError):
        campaign("busy", 1)
    assert [program.returncode for program in programs] == [-signal.SIGKILL]


def repository(folder: Path, build: str) -> Path:
    """One commit, of patches, what they change and a tools/build that is this script."""
    patches = Path("tools", "concurrency_report", "campaign")
    for part in (Path("lib", "src"), Path("benchmarks"), patches):
        shutil.copytree(ROOT / part, folder / part)
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


def builds_of(repository: Path, folder: Path) -> Builds:
    return Builds(repository, commit_of(repository), folder, print)


def test_a_patched_build_is_made_once_and_again_after_it_failed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    script = f'echo "$@" >>"{log}"; [ -e "{tmp_path}/works" ]'
    source = repository(tmp_path / "source", script)
    patch = source / "tools" / "concurrency_report" / "campaign" / "io.patch"
    patch.write_text(patch.read_text().replace("uint64_t more", "uint64_t even_more"))
    commit(source)
    # Within the repository, as results/ is.
    builds = builds_of(source, source / "builds")
    # What is not committed, or committed later, is not in it.
    fibonacci = Path("lib", "src", "fibonacci.cpp")
    committed = (source / fibonacci).read_text()
    (source / fibonacci).write_text("another")
    commit(source)
    shutil.rmtree(source / "tools")

    with pytest.raises(CampaignError, match="io: does not build"):
        builds.built("io", "io.patch")
    (tmp_path / "works").touch()
    build = builds.built("io", "io.patch")
    assert build == builds.built("io", "io.patch") == builds.tree("io") / "build"
    assert log.read_text() == 2 * "bench origin\n"
    tree = builds.tree("io")
    assert "emplace_back" in (tree / "lib/src/standard_workloads.cpp").read_text()
    assert "even_more = fibonacci(n - less)" in (tree / "lib/src/job_run.cpp").read_text()
    assert (tree / fibonacci).read_text() == committed
    assert not (tree / ".git").exists()


def test_a_patch_that_does_not_fit_is_named(tmp_path: Path) -> None:
    source = repository(tmp_path / "source", "exit 1")
    (source / "lib" / "src" / "job_run.cpp").write_text("another")
    commit(source)
    with pytest.raises(CampaignError, match=r"cpu\.patch: does not fit the source any more"):
        builds_of(source, tmp_path / "builds").built("cpu", "cpu.patch")


@pytest.mark.parametrize("patch", sorted(PATCHES))
def test_patches_fit_the_source(tmp_path: Path, patch: str) -> None:
    for part in (Path("lib", "src"), Path("benchmarks")):
        shutil.copytree(ROOT / part, tmp_path / part)
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
