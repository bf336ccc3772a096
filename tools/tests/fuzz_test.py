"""What tools/fuzz does with its targets, with stubs for the programs that libFuzzer would make."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from .stubbed_project import StubbedProject

# As libFuzzer does: an input goes to where -artifact_prefix says, and a line tells its name.
FINDING = """
for word; do case $word in -artifact_prefix=*) prefix=${word#*=} ;; esac; done
echo boom >"${prefix}crash-1"
echo "artifact_prefix='$prefix'; Test unit written to ${prefix}crash-1"
exit 77
"""
NOTHING = 'echo "stat::number_of_executed_units: 1234"'


class Project(StubbedProject):
    def __init__(self, folder: Path) -> None:
        stubs = {"tools/build": "", "bin/clang++": ""}
        super().__init__(folder, "tools/fuzz", stubs)
        (folder / "tmp").mkdir()
        for target in ("url", "options"):
            (folder / f"tests/fuzz/corpus/{target}").mkdir(parents=True)
            (folder / f"tests/fuzz/{target}_fuzz.cpp").touch()
            self.target(target, NOTHING)
        (folder / "tests/fuzz/url.dict").touch()

    def target(self, name: str, script: str) -> None:
        self.stub(f"build-fuzz/tests/fuzz/{name}_fuzzer", script)

    def fuzz(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run(*arguments, TMPDIR=str(self.folder / "tmp"))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_every_target_runs_from_its_corpus_once_it_is_built(project: Project) -> None:
    run = project.fuzz("--seconds", "3")
    assert run.returncode == 0
    build, *targets = project.calls()
    assert build == "build --preset fuzz fuzzers"
    assert sorted(call.split()[0] for call in targets) == ["options_fuzzer", "url_fuzzer"]
    for call in targets:
        name = call.split("_")[0]
        assert " -max_total_time=3 " in call
        assert call.endswith(f" {project.folder}/tests/fuzz/corpus/{name}")
        assert f"{name}: nothing found in 1234 inputs" in run.stdout
        assert ("-dict=" in call) == (name == "url")


def test_only_targets_that_are_named_run(project: Project) -> None:
    assert project.fuzz("url").returncode == 0
    assert [call.split()[0] for call in project.calls()] == ["build", "url_fuzzer"]


def test_a_finding_fails_the_run_after_all_others_ran(project: Project) -> None:
    project.target("options", FINDING)
    run = project.fuzz("--findings", str(project.folder / "found"))
    assert run.returncode == 1
    found = project.folder / "found/options-crash-1"
    assert found.read_text() == "boom\n"
    program = project.folder / "build-fuzz/tests/fuzz/options_fuzzer"
    assert f"fuzz: again: {program} {found}\n" in run.stdout
    assert "url: nothing found" in run.stdout
    assert run.stdout.splitlines()[-1] == (
        f"fuzz: error: something was found: inputs are in {project.folder}/found"
    )


@pytest.mark.parametrize("script", [NOTHING, FINDING])
def test_nothing_temporary_is_left(project: Project, script: str) -> None:
    project.target("url", script)
    project.fuzz()
    assert list((project.folder / "tmp").iterdir()) == []
    assert (project.folder / "build-fuzz/findings").exists() == (script == FINDING)


def test_a_build_that_fails_runs_nothing(project: Project) -> None:
    project.stub("tools/build", "exit 1")
    assert project.fuzz().returncode == 1
    assert [call.split()[0] for call in project.calls()] == ["build"]


@pytest.mark.parametrize(
    "arguments",
    [("nothing",), ("--seconds", "0"), ("--seconds", "1m"), ("--seconds",), ("--no-such",)],
)
def test_what_cannot_be_done_is_refused(project: Project, arguments: tuple[str, ...]) -> None:
    run = project.fuzz(*arguments)
    assert run.returncode == 2
    assert len(run.stdout.splitlines()) == 1
    assert not (project.folder / "log").exists()
