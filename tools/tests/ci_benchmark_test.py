"""What .ci/regress and .ci/history, which benchmark.yml calls, make of what the tools find."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from .stubbed_project import ROOT, StubbedProject

# tools/regress writes the files it is asked for, unless it ends with 2.
REGRESS = """
while [ $# -gt 1 ]; do
  case $1 in
    --markdown | --html) [ {status} = 2 ] || echo "found" >"$2" ;;
    --json) [ {status} = 2 ] || echo '{{"obstacle": "{obstacle}"}}' >"$2" ;;
  esac
  shift
done
exit {status}
"""


def regress_ends(status: int, obstacle: str = "noise") -> str:
    return REGRESS.format(status=status, obstacle=obstacle)


HISTORY = """
case $1 in
  add) cat "$2" >>"$4" ;;
  report) echo "trends of $(cat "$3")"; echo "page" >"$5" ;;
esac
"""
BY_HAND = {"GITHUB_ACTIONS": "", "GITHUB_STEP_SUMMARY": ""}
BENCH = 'for word; do case $word in *out=*) echo "row" >"${word#*=}" ;; esac; done'


class Project(StubbedProject):
    """`status` is what the last run exited with, `said` what it said, `summary` what is in the
    job's summary then, None if nothing was written there."""

    status = -1
    said = ""
    summary: str | None = None

    def __call__(self, *arguments: str) -> Project:
        file = self.folder / "summary"
        run = self.run(*arguments, GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(file))
        self.status, self.said = run.returncode, run.stdout
        self.summary = file.read_text() if file.exists() else None
        return self


@pytest.fixture
def regress(tmp_path: Path) -> Project:
    stubs = {
        "tools/regress": regress_ends(0),
        ".venv/bin/python": f'exec {sys.executable} "$@"',
        "bin/git": "echo base-of-$4",
        **dict.fromkeys(("tools/setup", "tools/build"), ""),
        "tools/compare": '[ "$(cat)" = "$(cat "$1")" ]',
        "build/bench": "echo row",
    }
    return Project(tmp_path, ".ci/regress", stubs)


@pytest.fixture
def history(tmp_path: Path) -> Project:
    stubs = {"tools/history": HISTORY, "build/bench": BENCH}
    stubs |= dict.fromkeys(("tools/setup", "tools/build"), "")
    return Project(tmp_path, ".ci/history", stubs)


def test_compares_with_where_the_base_was_left(regress: Project) -> None:
    assert regress("main").status == 0
    folder = regress.folder / "results/ci-regress"
    files = [f"--{of} {folder}/regress.{end}" for of, end in (("markdown", "md"), ("json", "json"))]
    assert regress.calls() == [
        f"git -C {regress.folder} merge-base main HEAD",
        f"regress base-of-main {' '.join(files)} --html {folder}/regress.html",
    ]
    assert regress.summary == "found\n"
    assert "::warning" not in regress.said


def test_without_a_commit_in_common_nothing_is_compared(regress: Project) -> None:
    regress.stub("bin/git", "exit 1")
    assert regress("main").status == 2
    assert "main and this commit have no commit in common: fetch the whole" in regress.said
    assert len(regress.calls()) == 1


@pytest.mark.parametrize(
    ("found", "obstacle", "status"),
    [
        *((1, "noise", 1), (2, "noise", 2), (143, "noise", 143)),
        *((3, "noise", 0), (3, "failure", 3), (3, "incomparable", 3)),
    ],
)
def test_the_exit_status_is_the_check_but_for_noise(
    regress: Project, found: int, obstacle: str, status: int
) -> None:
    (regress.folder / "results/ci-regress").mkdir(parents=True)
    (regress.folder / "results/ci-regress/regress.md").write_text("of an earlier run")
    regress.stub("tools/regress", regress_ends(found, obstacle))
    assert regress("main").status == status
    assert regress.summary == (None if found == 2 else "found\n")
    assert ("::warning title=tools/regress::It cannot tell" in regress.said) == (
        found == 3 and obstacle == "noise"
    )


@pytest.mark.parametrize(
    ("program", "does", "status"),
    [
        ("tools/regress", regress_ends(1), 0),
        ("tools/regress", regress_ends(3), 0),
        ("tools/regress", regress_ends(2), 2),
        ("tools/regress", "exit 1", 1),
        ("tools/compare", "exit 1", 2),
        ("build/bench", "exit 1", 2),
        ("tools/build", "exit 1", 2),
        ("tools/setup", "exit 1", 2),
    ],
)
def test_the_short_version_fails_only_where_something_does_not_run(
    regress: Project, program: str, does: str, status: int
) -> None:
    regress.stub(program, does)
    assert regress("--short").status == status
    assert regress.summary is None
    assert "::warning" not in regress.said


def test_history_goes_on_from_one_run_to_the_next(history: Project) -> None:
    assert history("--short").status == 0
    assert history.summary is None
    assert history().status == 0
    folder = history.folder / "results/ci-history"
    assert (folder / "history.sqlite").read_text() == "row\nrow\n"
    assert (folder / "summary.txt").read_text() == "trends of row\nrow\n"
    assert history.summary == "    trends of row\n    row\n"


def test_a_case_that_fails_fails_the_job_after_the_others_are_kept(history: Project) -> None:
    history.stub("build/bench", f"{BENCH}; exit 1")
    assert history().status == 1
    assert "a case failed" in history.said
    assert (history.folder / "results/ci-history/history.sqlite").read_text() == "row\n"
    assert history.summary == "    trends of row\n"


@pytest.mark.parametrize("program", ["tools/build", "build/bench", "tools/history"])
def test_what_is_left_of_a_failure_is_the_history_alone(history: Project, program: str) -> None:
    history()
    (history.folder / "summary").unlink()
    history.stub(program, "exit 1")
    if program != "tools/history":
        history.stub("tools/history", f'[ -e "$2" ] || exit 1\n{HISTORY}')
    assert history().status == 1
    folder = history.folder / "results/ci-history"
    assert (folder / "history.sqlite").read_text() == "row\n"
    left = {path.name for path in folder.iterdir()} - {"results.json"}
    assert left == {"history.sqlite"}
    assert history.summary is None


def test_by_hand_nothing_is_said_to_github(regress: Project, history: Project) -> None:
    regress.stub("tools/regress", regress_ends(3))
    for run in (regress.run("main", **BY_HAND), history.run(**BY_HAND)):
        assert run.returncode == 0
        assert "::" not in run.stdout


@pytest.mark.parametrize("script", ["regress", "history"])
def test_the_workflow_keeps_what_the_script_writes(script: str) -> None:
    workflow = (ROOT / ".github/workflows/benchmark.yml").read_text()
    (job,) = re.findall(rf"^  {script}:\n(?:(?:    .*)?\n)+", workflow, re.MULTILINE)
    (folder,) = set(re.findall(r"^ +path: (\S+)$", job, re.MULTILINE))
    assert f"$root/{folder}}}" in (ROOT / ".ci" / script).read_text()
    assert f"run: .ci/{script}" in job
