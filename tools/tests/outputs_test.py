"""What tools print and the files they are asked for: whole, or not there and named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from concurrency_report.outputs import Output, show


def shown(*outputs: Output, signal: int | None = None) -> tuple[int, list[str]]:
    """Exit status, and what was said."""
    said: list[str] = []
    return show("found\n", outputs, status=3, signal=signal, say=said.append), said


def text(of: str) -> Callable[[], str]:
    return lambda: of


def test_prints_and_writes_what_was_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outputs = [(tmp_path / "a.md", text("µ")), (None, text("b")), (tmp_path / "c", text("c"))]
    assert shown(*outputs) == (3, [])
    assert capsys.readouterr().out == "found\n"
    files = {file.name: file.read_text(encoding="utf-8") for file in tmp_path.iterdir()}
    assert files == {"a.md": "µ", "c": "c"}


def test_a_file_that_cannot_be_written_is_named_and_no_half_is_left(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.mkdir()
    assert shown((file, text("a"))) == (2, [f"error: {file}: cannot be written: Is a directory"])
    assert list(tmp_path.iterdir()) == [file]


def test_after_a_signal_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shown((tmp_path / "a.md", text("a")), signal=15) == (143, [])
    assert capsys.readouterr().out == "found\n"
    assert not list(tmp_path.iterdir())
