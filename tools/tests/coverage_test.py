"""What tools/coverage makes of gcovr's figures, with stubs for the build, ctest and gcovr."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from .stubbed_project import StubbedProject


def file(name: str, counts: list[int]) -> dict[str, Any]:
    lines = [{"line_number": number, "count": count} for number, count in enumerate(counts, 1)]
    return {"file": name, "lines": lines}


class Project(StubbedProject):
    def __init__(self, folder: Path) -> None:
        # gcovr's files are there beforehand; Python itself is the real one.
        python = f'case $1 in -) exec "{sys.executable}" "$@" ;; esac'
        stubs = {"tools/build": "", "bin/ctest": "", ".venv/bin/python": python}
        super().__init__(folder, "tools/coverage", stubs)
        (folder / "build-coverage").mkdir()

    def counted(self, *files: dict[str, Any]) -> None:
        report = self.folder / "build-coverage/coverage.json"
        report.write_text(json.dumps({"files": files}))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_prints_the_total_and_the_files_that_lack_tests(project: Project) -> None:
    project.counted(file("lib/good.cpp", [1] * 95 + [0] * 5), file("lib/poor.cpp", [3] * 4 + [0]))
    run = project.run()
    assert run.returncode == 0
    assert run.stdout.splitlines() == [
        " 80.0 % of    5 lines  lib/poor.cpp",
        " 94.3 % of  105 lines  lib/ in all",
    ]


def test_tells_which_lines_were_never_run(project: Project) -> None:
    project.counted(file("lib/poor.cpp", [0, 0, 1, 0, 1, 0, 0, 0]))
    lines = project.run("--lines").stdout.splitlines()
    assert lines[1].strip() == "never run: 1-2, 4, 6-8"


def test_a_line_that_one_of_its_functions_ran_was_run(project: Project) -> None:
    instances = file("lib/template.h", [1, 0])
    instances["lines"].append({"line_number": 2, "count": 7})
    project.counted(instances)
    assert project.run().stdout == "100.0 % of    2 lines  lib/ in all\n"


@pytest.mark.parametrize(("at_least", "status"), [("80", 0), ("80.1", 1)])
def test_too_few_lines_fail(project: Project, at_least: str, status: int) -> None:
    project.counted(file("lib/poor.cpp", [1, 1, 1, 1, 0]))
    run = project.run("--at-least", at_least)
    assert run.returncode == status
    assert ("fewer than 80.1 % of lines were run" in run.stdout) == (status == 1)


def test_a_test_that_fails_fails_it_and_figures_are_told_all_the_same(project: Project) -> None:
    project.counted(file("lib/good.cpp", [1]))
    project.stub("bin/ctest", "exit 8")
    run = project.run()
    assert run.returncode == 1
    assert "100.0 %" in run.stdout
    assert run.stdout.splitlines()[-1] == "coverage: error: a test failed, see above"


def test_what_earlier_runs_counted_is_gone_before_tests_run(project: Project) -> None:
    project.counted(file("lib/good.cpp", [1]))
    old = project.folder / "build-coverage/old.gcda"
    old.touch()
    project.stub("bin/ctest", f'[ ! -e "{old}" ]')
    assert project.run().returncode == 0


def test_other_options_go_to_ctest(project: Project) -> None:
    project.counted(file("lib/good.cpp", [1]))
    project.run("-R", "Url", "--at-least=1")
    (call,) = [call for call in project.calls() if call.startswith("ctest")]
    assert call.startswith("ctest --preset coverage ")
    assert call.endswith(" -R Url")


def test_refuses_what_is_no_percentage(project: Project) -> None:
    assert project.run("--at-least", "most").returncode == 2
