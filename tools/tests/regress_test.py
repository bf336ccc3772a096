"""tools/regress from its options to its result, with programs that say what a test wants."""

from __future__ import annotations

import argparse
import itertools
import json
import shlex
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from concurrency_report.children import Children
from concurrency_report.regress import command, noise, report, run
from concurrency_report.regress.builds import BuildError, Builds
from concurrency_report.regress.comparison import Comparison, Obstacle
from concurrency_report.regress.decision import Verdict
from concurrency_report.regress.quiet import Quiet, Spin
from concurrency_report.regress.run import Regress, RegressOptions

from . import samples

BENCH = """#!/bin/sh
for each; do
  case $each in
    --benchmark_list_tests) cat {folder}/names; exit ;;
    --benchmark_filter=*) name=${{each#*=^}} ;;
    --benchmark_out=*) out=${{each#*=}} ;;
  esac
done
echo "${{0%/bench}} $name" >>{folder}/../log
cp {folder}/"${{name%$}}.json" "$out" && exit {status}
"""


def build(
    folder: Path, *, case: str = "cpu_a", status: int = 0, context: Any = None, **counters: float
) -> Path:
    """A build folder whose bench has one case, always with these figures."""
    folder.mkdir()
    row = samples.row(case, "", **counters) if status == 0 else samples.failed_row(case, "refused")
    add_case(folder, case, row, context)
    (folder / "bench").write_text(BENCH.format(folder=shlex.quote(str(folder)), status=status))
    (folder / "bench").chmod(0o755)
    return folder


def add_case(folder: Path, case: str, row: dict[str, Any] | None, context: Any = None) -> None:
    """One that always has this row, or crashes."""
    if row is not None:
        document = samples.document(row)
        document["context"] |= context or {}
        (folder / f"{case}.json").write_text(json.dumps(document))
    with (folder / "names").open("a") as names:
        names.write(case + "\n")


class Job:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said: list[str] = []

    def run(
        self,
        base: Path,
        head: Path,
        spins: Sequence[float] = (1.0,),
        interrupt_after: int = -1,
        step_s: float = 0.0,
        *,
        keep_disturbed: bool = False,
    ) -> Comparison | None:
        """`spins` are the seconds that the fixed loop takes, over and over; `step_s` are those that
        have gone by at each look at the clock."""
        children = Children()
        looks = 0

        def spin() -> Sequence[Spin]:
            nonlocal looks
            looks += 1
            if looks == interrupt_after:
                children.interrupted_by = signal.SIGINT
            took = spins[looks % len(spins)]
            return [Spin(took, took)]

        options = RegressOptions(
            base=str(base),
            head=str(head),
            repository=self.folder,
            cache=self.folder / "cache",
            minutes=1,
            seed=1,
            keep_disturbed=keep_disturbed,
        )
        job = Regress(
            options,
            children,
            self.said.append,
            # A second for each look at the clock, so that no look at the loop is shared by chance.
            quiet=lambda known_s: Quiet(
                known_s, spin, stolen_s=lambda: 0.0, clock=itertools.count(0.0).__next__
            ),
            clock=map(step_s.__mul__, itertools.count()).__next__,
        )
        job.run()
        return job.comparison


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Job:
    # Starting programs is what takes time here.
    for module in (noise, run):
        monkeypatch.setattr(module, "PAIRS_OF_BASE", 2)
    return Job(tmp_path)


def verdicts(found: Comparison | None) -> dict[str, Verdict]:
    assert found is not None
    return {row.metric: row.verdict for row in found.rows}


def test_a_slower_build_is_named_in_every_output(
    job: Job, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = build(tmp_path / "base", wall_s=1.0, max_rss_kb=100.0)
    head = build(tmp_path / "head", wall_s=1.1, max_rss_kb=80.0)

    found = job.run(base, head)

    assert verdicts(found) == {
        "wall": Verdict.REGRESSED,
        "CPU": Verdict.NO_CHANGE,
        "max RSS": Verdict.IMPROVED,
    }
    assert found is not None
    assert found.status == 1
    files = {of: tmp_path / of for of in ("markdown", "json", "html")}
    assert command._show(found, argparse.Namespace(**files), None) == 1
    text = capsys.readouterr().out
    assert "Regressed: cpu_a (wall +10.0 %)." in text
    assert "regressed: wall; improved: max RSS" in text
    assert "| cpu_a | +10.0 % (+10.0 to +10.0 %) |" in files["markdown"].read_text()
    assert "Change in max RSS" in files["html"].read_text()
    assert json.loads(files["json"].read_text())["exit_status"] == 1


def test_an_unchanged_build_passes_and_noise_is_measured_once(job: Job, tmp_path: Path) -> None:
    base, head = build(tmp_path / "base"), build(tmp_path / "head")

    first, ran = job.run(base, head), (tmp_path / "log").read_text().splitlines()
    second, ran_again = job.run(base, head), (tmp_path / "log").read_text().splitlines()

    assert first is not None
    assert second is not None
    assert (first.status, second.status) == (0, 0)
    assert set(verdicts(second).values()) == {Verdict.NO_CHANGE}
    assert sum("measuring" in line for line in job.said) == 1
    assert second.taken == 8
    # The orders of eight pairs are the seed's, whether noise was measured before or not.
    assert ran_again[-16:] == ran[-16:]
    assert len(set(ran[-16:])) == 2


@pytest.mark.parametrize(
    ("key", "one", "other"),
    [
        ("build_type", "Release", "Debug"),
        ("compiler", "gcc 12", "clang 14"),
        ("cpu_model", "a", "b"),
        ("usable_cores", 2, 4),
        ("fetches", 30, 10),
    ],
)
def test_other_builds_machines_and_workloads_cannot_be_told(
    job: Job, tmp_path: Path, key: str, one: object, other: object
) -> None:
    base = build(tmp_path / "base", context={key: one})
    head = build(tmp_path / "head", context={key: other})

    found = job.run(base, head)

    assert found is not None
    assert (found.status, found.obstacle) == (3, Obstacle.INCOMPARABLE)
    assert f"{key} ({one} and {other})" in found.summary


@pytest.mark.parametrize(
    ("results", "reason"),
    [
        (samples.text(samples.failed_row("cpu_a", "refused")), "refused"),
        (samples.text(samples.row("cpu_a"))[:-40], "truncated JSON"),
        (samples.text(samples.row("cpu_a"), schema_version="2"), "schema version 2"),
    ],
)
def test_a_case_that_fails_in_one_of_the_two_is_named(
    job: Job, tmp_path: Path, results: str, reason: str
) -> None:
    base, head = build(tmp_path / "base"), build(tmp_path / "head")
    (head / "cpu_a.json").write_text(results)

    found = job.run(base, head)

    assert found is not None
    assert (found.status, found.obstacle) == (3, Obstacle.FAILURE)
    assert "cpu_a failed in head: " in found.summary
    assert reason in found.summary
    assert len(found.summary.splitlines()) == 1


def test_a_case_that_crashes_is_named_and_the_others_are_compared(job: Job, tmp_path: Path) -> None:
    base, head = tmp_path / "base", tmp_path / "head"
    for folder, wall_s in ((base, 1.0), (head, 2.0)):
        build(folder, case="cpu_a", wall_s=wall_s)
        add_case(folder, "cpu_b", samples.row("cpu_b"))
    (head / "cpu_a.json").unlink()

    found = job.run(base, head)

    assert found is not None
    assert (found.status, found.obstacle) == (3, Obstacle.FAILURE)
    assert [(each.case, each.side) for each in found.failures] == [("cpu_a", "head")]
    assert {row.case: row.verdict for row in found.rows} == {"cpu_b": Verdict.NO_CHANGE}


def test_a_case_that_fails_while_noise_is_measured_is_not_judged(job: Job, tmp_path: Path) -> None:
    base = build(tmp_path / "base")
    add_case(base, "cpu_b", None)
    alone = build(tmp_path / "alone", status=1)

    found, nothing = job.run(base, base), job.run(alone, alone)

    assert found is not None
    assert nothing is not None
    assert [(each.case, each.side) for each in found.failures] == [("cpu_b", "base")]
    assert {row.case for row in found.rows} == {"cpu_a"}
    assert "cpu_a failed in base: refused." in nothing.summary
    assert (found.status, nothing.status, nothing.taken) == (3, 3, 0)


def test_noise_is_measured_for_so_long_and_no_longer(job: Job, tmp_path: Path) -> None:
    base = build(tmp_path / "base")

    # Six looks at the clock are what it takes, and ten minutes what it has.
    late, in_time = job.run(base, base, step_s=120), job.run(base, base, step_s=60)

    assert late is not None
    assert (late.status, late.obstacle) == (3, Obstacle.NOISE)
    assert "Noise was not measured within 10 minutes" in report.as_text(late)
    assert in_time is not None
    assert not in_time.remarks


def test_a_figure_that_one_side_lacks_is_no_pass_and_one_that_both_lack_is(
    job: Job, tmp_path: Path
) -> None:
    has, lacks = build(tmp_path / "has"), tmp_path / "lacks"
    build(lacks)
    (lacks / "names").unlink()
    add_case(lacks, "cpu_a", samples.row_without("cpu_a", "max_rss_kb"))

    one, both = job.run(has, lacks), job.run(lacks, lacks)

    assert one is not None
    assert both is not None
    assert verdicts(one)["max RSS"] == verdicts(both)["max RSS"] == Verdict.ABSENT
    assert (one.status, one.obstacle, both.status) == (3, Obstacle.UNMEASURED, 0)
    assert one.summary == "Can't tell. 1 of 3 rows can't be told."
    assert "can be told: cpu_a max RSS.\n" in report.as_text(one)
    assert "Measured on neither side: cpu_a max RSS.\n" in report.as_text(both)
    assert report.lines(one)[0][-1] == "not measured: max RSS"


def test_disturbed_pairs_are_dropped_and_counted(
    job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = build(tmp_path / "base")
    job.run(base, base)

    # Two looks a pair: every third pair has a slow one.
    some = job.run(base, base, spins=[1, 1, 1, 1, 1, 3])
    all_of_them = job.run(base, base, spins=[3.0])

    assert some is not None
    assert all_of_them is not None
    assert (some.status, some.taken) == (0, 8)
    assert sum(some.dropped.values()) >= 3
    assert (all_of_them.status, all_of_them.taken) == (3, 0)
    assert all_of_them.obstacle is Obstacle.NOISE
    assert "Other work kept the processors busy" in report.as_text(all_of_them)
    (known,) = (tmp_path / "cache" / "noise").iterdir()
    assert f"delete what says how fast it was, {known}," in report.as_text(all_of_them)
    # What another Python takes for the loop says nothing of this one.
    monkeypatch.setattr(sys, "version", "another")
    slow = job.run(base, base, spins=[3.0])
    assert slow is not None
    assert slow.status == 0


def test_disturbed_pairs_are_kept_where_asked_for_and_noise_with_them_is_not(
    job: Job, tmp_path: Path
) -> None:
    base = build(tmp_path / "base")
    job.run(base, base)
    (known,) = (tmp_path / "cache" / "noise").iterdir()
    undisturbed = known.read_bytes()

    found = job.run(base, base, spins=[2, 6], keep_disturbed=True)

    assert found is not None
    assert (found.status, found.taken, found.dropped) == (0, 8, {})
    assert sum("measuring" in line for line in job.said) == 2
    assert known.read_bytes() == undisturbed


def test_an_interruption_leaves_what_is_known(job: Job, tmp_path: Path) -> None:
    base = build(tmp_path / "base")
    head = build(tmp_path / "head", wall_s=2.0, user_s=0.02)
    assert job.run(base, head, interrupt_after=3) is None
    assert not list(tmp_path.glob("cache/noise/*"))
    job.run(base, base)

    found = job.run(base, head, interrupt_after=20)

    assert found is not None
    assert found.taken == 10
    assert verdicts(found)["wall"] == Verdict.REGRESSED


def test_stolen_time_and_a_known_loop_tell_disturbances() -> None:
    stolen = iter([0.0, 0.1])
    quiet = Quiet(spin=lambda: [Spin(1.0, 1.0)], stolen_s=lambda: next(stolen), clock=lambda: 0.0)
    quiet.begin()
    assert quiet.disturbance() == "processors were taken away by the host"

    # Slow all the time, which shows only by what was known before.
    quiet = Quiet(1.0, spin=lambda: [Spin(2.5, 2.5)], stolen_s=lambda: 0.0)
    quiet.begin()
    assert quiet.disturbance() == "a fixed loop took longer than undisturbed"


@pytest.mark.parametrize(("wall_s", "is_disturbed"), [(1.05, False), (1.5, True)])
def test_waiting_for_a_processor_tells_of_other_programs(wall_s: float, is_disturbed: bool) -> None:
    quiet = Quiet(spin=lambda: [Spin(1.0, 1.0), Spin(wall_s, 1.0)], stolen_s=lambda: 0.0)
    quiet.begin()
    assert quiet.disturbance() == ("other programs had the processors" if is_disturbed else None)


def test_a_host_that_is_half_as_fast_for_a_moment_is_no_disturbance() -> None:
    quiet = Quiet(1.0, spin=lambda: [Spin(1.9, 1.9)], stolen_s=lambda: 0.0)
    quiet.begin()
    assert quiet.disturbance() is None


def test_pairs_that_follow_each_other_share_a_look() -> None:
    looks = iter([1.0, 1.0, 3.0, 1.0, 1.0])
    now = 0.0

    def spin() -> Sequence[Spin]:
        took = next(looks)
        return [Spin(took, took)]

    quiet = Quiet(1.0, spin, stolen_s=lambda: 0.0, clock=lambda: now)
    found = []
    for _ in range(3):
        quiet.begin()
        now += 0.2
        found.append(quiet.disturbance() is not None)
        now += 0.002

    # The third look came after the second pair and before the third.
    assert found == [False, True, True]
    now += 0.2
    quiet.begin()
    assert next(looks, None) is None


def test_a_commit_is_built_once(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=a", "-c", "user.email=a@b")
        command = ["git", "-C", str(tmp_path / "repository"), *identity, *arguments]
        subprocess.run(command, check=True, capture_output=True)

    def commit(script: str) -> None:
        tool.write_text("#!/bin/sh\n" + script)
        tool.chmod(0o755)
        git("add", "-A")
        git("commit", "-qm", "a")

    tool = tmp_path / "repository" / "tools" / "build"
    tool.parent.mkdir(parents=True)
    git("init", "-q")
    log = tmp_path / "log"
    cd = 'cd "$(dirname "$0")/.."\n'
    commit(f'{cd}echo "$@" >>"{log}"; mkdir build && echo >build/bench\n')
    commit("exit 1\n")
    builds = Builds(tmp_path / "repository", tmp_path / "cache", Children())

    assert builds.find("HEAD~1") == builds.find("HEAD~1")
    assert log.read_text() == "bench origin\n"
    with pytest.raises(BuildError, match="HEAD: does not build"):
        builds.find("HEAD")
