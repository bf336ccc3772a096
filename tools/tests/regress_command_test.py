"""The command line of tools/regress: what it exits with, and that it says so in a line."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from concurrency_report.regress import command, run
from concurrency_report.regress.command import regress

from .regress_test import build
from .stubbed_project import StubbedProject


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["a", "b", "c"],
        ["a", "--minutes", "0"],
        ["a", "--benchmark_out=x"],
        ["a", "--html", "/nowhere/a.html"],
    ],
)
def test_wrong_usage_ends_with_2(
    arguments: Sequence[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        regress(arguments)

    assert ended.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def commit_that_does_not_build(repository: Path) -> str:
    tool = repository / "tools" / "build"
    tool.parent.mkdir(parents=True)
    tool.write_text("#!/bin/sh\nexit 1\n")
    tool.chmod(0o755)
    identity = ("-c", "user.name=a", "-c", "user.email=a@b")
    for arguments in (["init", "-q"], ["add", "-A"], [*identity, "commit", "-qm", "a"]):
        subprocess.run(["git", "-C", str(repository), *arguments], check=True)
    return "HEAD"


def folder_without_a_bench(folder: Path) -> str:
    folder.mkdir()
    return str(folder)


@pytest.mark.parametrize(
    ("base", "said"),
    [
        (commit_that_does_not_build, "HEAD: does not build, see above"),
        (lambda _: "no-such-commit", "no-such-commit: neither a commit nor a folder"),
        (folder_without_a_bench, "there is no bench in this folder: build it first"),
        (lambda folder: str(build(folder, case="cpu_b")), "base and head have no case in common"),
    ],
)
def test_what_cannot_be_compared_ends_with_2_and_a_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    base: Callable[[Path], str],
    said: str,
) -> None:
    monkeypatch.setattr(command, "ROOT", tmp_path / "base")
    head = build(tmp_path / "head", case="cpu_a")
    files = [tmp_path / name for name in ("a.md", "a.json", "a.html")]
    outputs = ["--markdown", str(files[0]), "--json", str(files[1]), "--html", str(files[2])]

    status = regress([base(tmp_path / "base"), str(head), "--cache", str(tmp_path), *outputs])

    out, err = capfd.readouterr()
    assert (status, out) == (2, "")
    (line,) = err.splitlines()
    assert line.startswith("regress: error: ")
    assert line.endswith(said)
    assert not any(file.exists() for file in files)


def test_a_mistake_of_its_own_is_no_regression(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("not expected")

    monkeypatch.setattr(run, "fingerprint", fail)
    folder = str(build(tmp_path / "build"))

    assert regress([folder, folder, "--cache", str(tmp_path)]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == "regress: error: ValueError: not expected"


def test_neither_is_a_set_up_that_fails(tmp_path: Path) -> None:
    project = StubbedProject(tmp_path, "tools/regress", {"tools/setup": "exit 1"})

    assert project.run("main").returncode == 2
    assert project.calls() == ["setup study"]
