from __future__ import annotations

import json
from pathlib import Path

import pytest

from concurrency_report.__main__ import main

from . import samples


@pytest.fixture
def results(tmp_path: Path) -> Path:
    return tmp_path / "results.json"


def test_accepts_sound_results(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    results.write_text(samples.text(samples.row("io_async"), samples.row("io_async")))
    assert main(["check", str(results), "--cases", "1"]) == 0
    assert "1 cases, 2 rows" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        (samples.failed_row("io_async", "boom"), "io_async failed: boom"),
        (samples.row("io_async", user_s=-0.1), "user_s is negative"),
        *(
            (samples.row_without("io_async", counter), f"io_async lacks {counter}")
            for counter in samples.COUNTERS
        ),
    ],
)
def test_refuses_unsound_rows(
    results: Path,
    capsys: pytest.CaptureFixture[str],
    row: dict[str, object],
    complaint: str,
) -> None:
    results.write_text(samples.text(row))
    assert main(["check", str(results)]) == 1
    assert complaint in capsys.readouterr().err


def test_wants_no_peak_of_memory_where_the_system_has_none(results: Path) -> None:
    document = samples.document(samples.row_without("io_async", "max_rss_kb"))
    document["context"]["kernel"] = "Darwin 24.6.0"
    results.write_text(json.dumps(document))
    assert main(["check", str(results)]) == 0


def test_refuses_the_wrong_number_of_cases(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results.write_text(samples.text(samples.row("io_async"), samples.row("cpu_async")))
    assert main(["check", str(results), "--cases", "36"]) == 1
    assert "2 different cases, not 36: cpu_async, io_async" in capsys.readouterr().err


def test_refuses_malformed_json_in_one_line(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results.write_text("{")
    assert main(["check", str(results)]) == 1
    assert capsys.readouterr().err.count("\n") == 1
