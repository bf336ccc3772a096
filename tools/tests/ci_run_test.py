"""The order, the verdicts and the end of .ci/run, with stubs for all that it calls."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .stubbed_project import ROOT, StubbedProject

BY_DEFAULT = ["test", "asan", "fuzz", "lint", "smoke", "regress", "history"]
ON_REQUEST = ["tsan", "tidy"]

# For printf, to which a percent sign is two.
SUMMARY = r"\n100%% tests passed, 0 tests failed out of {}\n\nTotal Test time (real) = 1.00 sec\n"

# What each program does when all is well; every call is logged first.
STUBS = {
    "tools/setup": "",
    "tools/build": "",
    "tools/test": f"printf '{SUMMARY.format(11)}'",
    "tools/fuzz": "",
    "tools/lint": "",
    "tools/study": 'mkdir -p "$4/host"; echo "{}" >"$4/host/results.json"',
    "build/bench": 'for word; do case $word in *out=*) echo "{}" >"${word#*=}" ;; esac; done',
    ".venv/bin/python": "",
    ".ci/regress": "",
    ".ci/history": "",
    "bin/ctest": f"printf '{SUMMARY.format(22)}'",
    "bin/setarch": '[ "$3" = true ] || { shift 2; exec "$@"; }',
}


class Project(StubbedProject):
    def calls(self) -> list[str]:
        """Without the Python and setarch that others go through."""
        return [call for call in super().calls() if not call.startswith(("python", "setarch"))]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path, ".ci/run", STUBS)


def test_stages_run_in_order(project: Project) -> None:
    assert project.run().returncode == 0
    calls = [" ".join(call.split()[: 2 if "--short" in call else 3]) for call in project.calls()]
    assert calls.pop(-3).startswith("study report ")
    assert calls == [
        "setup ci",
        "test",
        *("build --preset asan", "ctest --preset asan"),
        "fuzz --seconds 4",
        "lint clang-format macros",
        "bench --latency-scale 0.1",
        "study --rounds 1",
        "regress --short",
        "history --short",
    ]


@pytest.mark.parametrize("sanitizer", ["asan", "tsan"])
def test_sanitizers_leave_out_no_test(project: Project, sanitizer: str) -> None:
    project.run(sanitizer)
    (call,) = [call for call in project.calls() if call.startswith(f"ctest --preset {sanitizer}")]
    options = call.split()[3:]
    assert [option for option in options if not option.isdigit()] == [
        "--parallel",
        "--no-tests=error",
    ]


def test_each_stage_is_announced_with_how_it_went_and_how_long_it_took(project: Project) -> None:
    out = project.run().stdout
    for stage in BY_DEFAULT:
        assert f"=== {stage}\n" in out
        assert f"=== {stage} passed after " in out


def test_the_end_is_what_ctest_said_of_the_tests(project: Project) -> None:
    assert project.run().stdout.splitlines()[-2:] == [
        "100% tests passed, 0 tests failed out of 11",
        "Total Test time (real) = 1.00 sec",
    ]


@pytest.mark.parametrize(
    ("program", "script", "stage"),
    [
        ("tools/test", "exit 1", "test"),
        ("tools/build", '[ "$2" != asan ]', "asan"),
        ("bin/ctest", '[ "$2" != asan ]', "asan"),
        ("bin/ctest", '[ "$2" != tsan ]', "tsan"),
        ("tools/fuzz", "exit 1", "fuzz"),
        ("tools/lint", '[ "$1" = clang-tidy ]', "lint"),
        ("tools/lint", '[ "$1" != clang-tidy ]', "tidy"),
        ("build/bench", "exit 1", "smoke"),
        (".venv/bin/python", "exit 1", "smoke"),
        (".venv/bin/python", "case $* in *file.json*) exit 1 ;; esac", "smoke"),
        ("tools/study", "exit 1", "smoke"),
        (".ci/regress", "exit 1", "regress"),
        (".ci/history", "exit 1", "history"),
    ],
)
def test_a_stage_that_fails_fails_the_run_and_stops_no_other(
    project: Project, program: str, script: str, stage: str
) -> None:
    project.stub(program, script)
    run = project.run(*BY_DEFAULT, *ON_REQUEST)
    assert run.returncode == 1
    for other in BY_DEFAULT + ON_REQUEST:
        verdict = "FAILED" if other == stage else "passed"
        assert f"=== {other} {verdict} after " in run.stdout


def test_without_its_packages_nothing_runs(project: Project) -> None:
    project.stub("tools/setup", "exit 1")
    assert project.run().returncode == 1
    assert project.calls() == ["setup ci"]


def test_stages_asked_for_run_alone(project: Project) -> None:
    run = project.run("tsan", "tidy")
    assert run.returncode == 0
    assert [call.rsplit(" --parallel")[0] for call in project.calls()] == [
        *("setup ci", "build --preset tsan", "ctest --preset tsan", "lint clang-tidy"),
    ]
    assert "what the tests' runners said of tsan:" in run.stdout
    assert "what the tests' runners said of test:" not in run.stdout


def test_the_end_names_what_failed_and_shows_why(project: Project) -> None:
    project.stub(
        "tools/test",
        """cat <<'END'
..F.
FAILED tests/fold_test.py::test_folds - assert 1 == 2
          Start 7: Fold.Folds
1/3 Test  #7: Fold.Folds .....***Failed    0.11 sec
../tests/fold_test.cpp:12: Failure
          Start 8: Fold.Unfolds
2/3 Test  #8: Fold.Unfolds .....   Passed    0.11 sec
3/3 Test  #9: Fold.Sags .....***Timeout  20.03 sec

67% tests passed, 2 tests failed out of 3

Total Test time (real) =   0.30 sec

The following tests did not run:
\t 10 - Fold.Elsewhere (Skipped)

The following tests FAILED:
\t  7 - Fold.Folds (Failed)
\t  9 - Fold.Sags (Timeout)
END
exit 1""",
    )
    run = project.run("test")
    assert run.returncode == 1
    end = run.stdout[run.stdout.index("=== all stages") :]
    assert "../tests/fold_test.cpp:12: Failure" in end
    assert "Fold.Elsewhere" not in end
    assert run.stdout.splitlines()[-5:] == [
        "FAILED tests/fold_test.py::test_folds - assert 1 == 2",
        "67% tests passed, 2 tests failed out of 3",
        "Total Test time (real) =   0.30 sec",
        "\t  7 - Fold.Folds (Failed)",
        "\t  9 - Fold.Sags (Timeout)",
    ]


def test_the_end_of_a_run_in_which_all_failed_is_short(project: Project) -> None:
    project.stub(
        "tools/test",
        """for i in $(seq 500); do
  echo "1/3 Test  #$i: Fold.Folds .....***Failed    0.11 sec"
  printf '%0500d\\n' 0
done
echo '0% tests passed, 500 tests failed out of 500'
exit 1""",
    )
    run = project.run("test")
    end = run.stdout[run.stdout.index("=== all stages") :].splitlines()
    assert end[-1].startswith("0% tests passed")
    assert 200 < len(end) < 210


def test_ends_of_runs_that_passed_show_nothing_else(project: Project) -> None:
    project.stub("tools/test", "echo '1/1 Test #1: Fold.Folds ....***Skipped   0.01 sec'")
    run = project.run("test")
    assert run.stdout.splitlines()[-1] == ".ci/run: what the tests' runners said of test:"


def test_every_check_of_lint_is_part_of_a_stage(project: Project) -> None:
    project.run("lint", "tidy")
    checks = [check for call in project.calls()[1:] for check in call.split()[1:]]
    text = (ROOT / "tools/lint").read_text()
    (by_default,) = re.findall(r"^  checks=\((.*)\)$", text, re.MULTILINE)
    assert sorted(checks) == sorted(by_default.split())


def test_each_stage_runs_for_each_push() -> None:
    workflow = (ROOT / ".github/workflows/ci.yml").read_text()
    (jobs,) = re.findall(r"^        stages: \[(.*)\]$", workflow, re.MULTILINE)
    assert sorted(re.split(r",? ", jobs)) == sorted(BY_DEFAULT + ON_REQUEST)


def test_a_stage_that_does_not_exist_is_named(project: Project) -> None:
    run = project.run("lint", "paint")
    assert run.returncode == 2
    assert "'paint' is no stage" in run.stdout
