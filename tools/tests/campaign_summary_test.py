"""What the runs of tools/regress-campaign come to, and the documents made of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from concurrency_report.campaign import command
from concurrency_report.campaign.run import RUNS
from concurrency_report.campaign.show import Found, found_in, write_summary
from concurrency_report.journal import Journal

from .hostile_results_test import ALL, markup


def entry(part: str, number: int, status: int, *red: str) -> dict[str, Any]:
    rows = [
        {"case": case, "metric": "wall", "verdict": "regressed" if case in red else "no change"}
        for case in ("cpu_threads", "io_async")
    ]
    return {
        **{"part": part, "run": number, "exit_status": status, "rows": rows},
        **{"pairs_taken": 8, "minutes": 1.0},
    }


def found(part: str, statuses: list[int], *red: str) -> Found:
    (only,) = found_in(entry(part, i, status, *red) for i, status in enumerate(statuses, 1))
    return only


def test_false_alarms_decide_where_nothing_is_slower() -> None:
    assert found("idle", [0] * 59).holds is None
    assert found("idle", [0] * 58 + [3, 1], "io_async").holds is True
    assert found("idle", [0] * 58 + [1, 1], "io_async").holds is False
    assert found("busy", [3] * 20).holds is True
    assert found("idle", [0] * 118 + [1, 1], "io_async").holds is True
    assert found("busy", [3] * 19 + [1], "io_async").holds is False
    assert found("rebuilt", [0] * 18 + [1, 1], "io_async").holds is False


def test_power_counts_only_runs_that_name_the_right_cases() -> None:
    assert found("cpu", [1] * 27 + [0] * 3, "cpu_threads").holds is True
    assert found("cpu", [1] * 26 + [0] * 4, "cpu_threads").holds is False
    assert found("cpu", [1] * 30, "cpu_threads", "io_async").holds is False
    assert found("io", [1] * 18 + [3] * 2, "io_async").holds is True
    assert found("io", [1] * 17 + [3] * 3, "io_async").holds is False


def test_the_summary_has_power_and_false_alarms(tmp_path: Path) -> None:
    undecided = entry("cpu", 2, 3)
    for row in undecided["rows"]:
        row["verdict"] = "can't tell"
    entries = [entry("cpu", 1, 1, "cpu_threads"), undecided, entry("idle", 1, 1, "io_async")]
    text = write_summary({"commit": "a", "minutes": 1.0}, found_in(entries), tmp_path)
    _, table, power, _, false_alarms = text.split("\n\n", 4)
    assert table.splitlines()[3].startswith(
        "| cpu cases with 5 % more work | 2 | 1 | 0 | 1 | 1 | 50.0% | at least 27 of 30 red |"
    )
    assert power.startswith("Power, cpu cases")
    assert text.count("io_async") == 1
    assert "| cpu_threads | wall | 1 | 2 |" in text
    assert false_alarms == "False alarms:\n\n- a build against itself, run 1: io_async\n"
    assert (tmp_path / "summary.md").read_text() == text
    assert (tmp_path / "runs.csv").read_text().splitlines()[1] == "idle,1,1,8,1.0"
    cases = (tmp_path / "cases.csv").read_text().splitlines()
    assert cases[1:] == [
        *("idle,cpu_threads,wall,0,1", "idle,io_async,wall,1,1"),
        *("cpu,cpu_threads,wall,1,2", "cpu,io_async,wall,0,2"),
    ]


def test_names_in_a_journal_are_no_markup(tmp_path: Path) -> None:
    def summary(attack: str) -> list[str]:
        entries = [entry("cpu", 1, 1, "io_async"), entry("idle", 1, 1, "io_async")]
        for each in entries:
            for row in each["rows"]:
                row |= {"case": f"cpu_{attack}", "metric": attack}
        return markup(write_summary({"commit": attack, "minutes": 1}, found_in(entries), tmp_path))

    assert summary(ALL) == summary("harmless")


def test_documents_are_made_of_the_journal_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    docs = tmp_path / "docs"
    show = ["--show", "--results", str(tmp_path), "--docs", str(docs)]
    assert command.campaign(show) == 2
    assert "runs.jsonl: cannot be gone on with" in capsys.readouterr().err
    assert not docs.exists()

    with Journal.create(tmp_path, {"commit": "a", "minutes": 2.0}, RUNS) as journal:
        for number, status in enumerate([0, 0, 0, 3, 3, 1], 1):
            journal.append(entry("idle", number, status))
    assert command.campaign(show) == 0
    text = capsys.readouterr().out
    assert text.startswith("Commit a, 2 minutes a run.\n")
    row = "| 6 | 1 | 3 | 2 | - | 0.0% | at most 1 of 60 red | too few runs yet |"
    assert f"| a build against itself {row}" in text
    assert (docs / "summary.md").read_text() == text
    assert {path.name for path in docs.iterdir()} == {"summary.md", "runs.csv", "cases.csv"}
