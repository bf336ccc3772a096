"""What the runs of tools/regress-campaign come to, and the documents made of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from concurrency_report.campaign import command
from concurrency_report.campaign.found import Found, found_in
from concurrency_report.campaign.run import RUNS
from concurrency_report.campaign.show import write_summary
from concurrency_report.journal import Journal

from .hostile_results_test import ALL, markup

CASES = ("cpu_processes", "cpu_threads", "io_async")


def entry(part: str, number: int, status: int, *red: str, **more: Any) -> dict[str, Any]:
    """`red` are cases that regressed in wall time, or in what follows a colon."""
    rows = [
        {
            **{"case": case, "metric": metric},
            "verdict": "regressed"
            if f"{case}:{metric}" in red or (case in red and metric == "wall")
            else "no change",
            "change": {1: 0.05, 2: 0.02, 3: None}.get(number, 0.01),
        }
        for case in CASES
        for metric in ("wall", "CPU", "max RSS")
    ]
    return {
        **{"part": part, "run": number, "exit_status": status, "rows": rows},
        **{"pairs_taken": 8, "pairs_dropped": {}, "minutes": 1.0, "machine": "m"},
        **{"incomparable": None, "remarks": [], "failures": []},
        **more,
    }


def undecided(part: str, number: int, rows: int) -> dict[str, Any]:
    run = entry(part, number, 3)
    for row in run["rows"][:rows]:
        row["verdict"] = "can't tell"
    return run


def found(part: str, statuses: list[int], *red: str, **more: Any) -> Found:
    (only,) = found_in(entry(part, i, status, *red, **more) for i, status in enumerate(statuses, 1))
    return only


def test_false_alarms_decide_where_nothing_is_slower() -> None:
    assert found("idle", [0] * 59).holds is None
    assert found("idle", [0] * 58 + [3, 1], "io_async").holds is True
    assert found("idle", [0] * 58 + [1, 1], "io_async").holds is False
    assert found("busy", [3] * 20).holds is True
    assert found("idle", [0] * 118 + [1, 1], "io_async").holds is True
    assert found("busy", [3] * 19 + [1], "io_async").holds is False
    assert found("rebuilt", [0] * 18 + [1, 1], "io_async").holds is False


def test_a_run_without_rows_says_nothing_of_false_alarms() -> None:
    assert found("rebuilt", [3] * 20, rows=[]).holds is None
    assert found("busy", [3] * 20, rows=[]).holds is True


def test_a_run_counts_if_the_machine_was_idle_or_is_not_meant_to_be() -> None:
    def of(part: str, statuses: list[int], *red: str, dropped: int) -> Found:
        return found(part, statuses, *red, pairs_dropped={"host": dropped - 1, "a loop": 1})

    assert [of("cpu", [3], dropped=each).statuses[3] for each in (4, 5)] == [1, 0]
    assert of("idle", [0] * 60, dropped=5).holds is None
    assert of("busy", [3] * 20, dropped=100).holds is True
    elsewhere = of("cpu", [1] * 30, "cpu_threads", dropped=5)
    assert (elsewhere.hits, elsewhere.hits_of_all, elsewhere.power) == (0, 0, [])
    all_red = [entry("cpu", number, 1, "cpu_threads") for number in range(1, 31)]
    one_more = entry("cpu", 31, 1, "cpu_threads", pairs_dropped={"host": 50})
    assert found_in([*all_red, one_more])[0].holds is True
    # It is no excuse for a false alarm.
    idle = [entry("idle", number, 0) for number in range(1, 61)]
    red = entry("idle", 61, 1, "io_async", pairs_dropped={"host": 50})
    assert found_in([*idle, red])[0].holds is True
    assert found_in([*idle, red, {**red, "run": 62}])[0].holds is False


def test_a_hit_names_a_slower_case_in_time_and_no_other_case() -> None:
    assert found("cpu", [1] * 27 + [0] * 3, "cpu_threads").holds is True
    assert found("cpu", [1] * 26 + [0] * 4, "cpu_threads").holds is False
    assert found("cpu", [1], "cpu_threads:CPU").hits == 1
    larger = found("cpu", [1], "cpu_threads:max RSS")
    assert (larger.hits, [power.either_time for power in larger.power]) == (0, [0, 0, 0])
    assert found("cpu", [1], "cpu_threads", "cpu_processes:max RSS").hits == 1
    assert found("cpu", [1], "cpu_threads", "io_async:max RSS").hits == 0
    assert found("io", [1] * 18 + [3] * 2, "io_async").holds is True
    assert found("io", [1] * 17 + [3] * 3, "io_async").holds is False


def test_hits_that_name_all_of_the_slower_cases_are_counted_apart() -> None:
    some = found("cpu", [1], "cpu_threads")
    both = found("cpu", [1], "cpu_threads", "cpu_processes:CPU")
    too_many = found("cpu", [1], *CASES)
    assert [each.hits_of_all for each in (some, both, too_many)] == [0, 1, 0]


def test_ten_minutes_are_judged_by_rows_that_cannot_be_told() -> None:
    def ten_minutes(*rows: int) -> bool | None:
        runs = [undecided("ten-minutes", i, each) for i, each in enumerate(rows, 1)]
        return found_in(runs)[0].holds

    assert ten_minutes(0, 0) is None
    assert ten_minutes(0, 0, 2) is True  # 2 of 27
    assert ten_minutes(0, 0, 3) is False


def test_the_summary_has_power_and_what_was_in_the_way(tmp_path: Path) -> None:
    busy = "Other work kept the processors busy."
    entries = [
        entry("cpu", 1, 1, "cpu_threads", "cpu_threads:CPU", "cpu_processes:CPU"),
        undecided("cpu", 2, 9),
        entry("idle", 1, 1, "io_async", pairs_dropped={"a loop": 3}),
        entry("idle", 2, 3, incomparable=busy, pairs_dropped={"a loop": 1, "host": 1}),
        entry("idle", 3, 3, remarks=["Slow."], machine="n"),
        entry("idle", 4, 1, "io_async", pairs_dropped={"host": 5}),
    ]
    text = write_summary({"commit": "a", "minutes": 1.0}, found_in(entries), tmp_path)
    sections = text.rstrip("\n").split("\n\n")
    assert sections[1] == "Machine: m.\nMachine: n."
    assert sections[2].splitlines()[3:] == [
        "| cpu cases slowed by 5 % | 2 | 1 | 0 | 1 | 1 | 1 | 50.0% | at least 27 of 30 hits | "
        "too few runs yet |"
    ]
    assert sections[4:] == [
        "- a build against itself: 10 of 42; 4 × a loop; 6 × host\n"
        "- cpu cases slowed by 5 %: 0 of 16",
        "Runs that do not count:",
        "- a build against itself: 1 of 4, 1 of them red",
        "Why runs could not tell:",
        f"- a build against itself, 1 of 3 runs: {busy}\n"
        "- a build against itself, 1 of 3 runs: Slow.\n"
        "- cpu cases slowed by 5 %, 1 of 2 runs: Too many rows can't be told.",
        "Power, cpu cases slowed by 5 %: runs in which each was red, and the median of all "
        "runs' estimates.",
        "| case | wall | CPU | wall or CPU | runs | wall changed | CPU changed |\n"
        "|---|---:|---:|---:|---:|---:|---:|\n"
        "| cpu_processes | 0 | 1 | 1 | 2 | +3.5 % | +3.5 % |\n"
        "| cpu_threads | 1 | 1 | 1 | 2 | +3.5 % | +3.5 % |",
        "False alarms:",
        "- a build against itself, run 1: io_async\n- a build against itself, run 4: io_async",
    ]
    assert (tmp_path / "summary.md").read_text() == text
    assert (tmp_path / "runs.csv").read_text().splitlines()[2] == "idle,2,yes,3,9,0.0,8,2,1.0"
    cases = (tmp_path / "cases.csv").read_text().splitlines()
    assert {"idle,io_async,wall,1,3,0.0350", "cpu,cpu_processes,CPU,1,2,0.0350"} <= set(cases)


def test_the_summary_says_why_runs_could_not_tell_without_the_advice(tmp_path: Path) -> None:
    entries = [
        entry("busy", i, 3, remarks=[f"Slow: wait. Delete /tmp/{i}.json, and try again."])
        for i in (1, 2)
    ]
    text = write_summary({"commit": "a", "minutes": 1.0}, found_in(entries), tmp_path)
    assert "2 of 2 runs: Slow: wait.\n" in text
    assert "/tmp" not in text


def test_names_in_a_journal_are_no_markup(tmp_path: Path) -> None:
    def summary(attack: str) -> list[str]:
        entries = [
            entry("cpu", 1, 1, "io_async"),
            entry("idle", 1, 1, "io_async"),
            entry("idle", 2, 3, remarks=[attack]),
        ]
        for each in entries:
            each |= {"machine": attack, "pairs_dropped": {attack: 1}}
            for row in each["rows"]:
                row |= {"case": f"cpu_{attack}"}
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
    assert text.startswith("Commit a; a run takes 2 min unless said otherwise.\n")
    row = "| 6 | 1 | 3 | 2 | - | - | 0.0% | at most 1 of 60 red | too few runs yet |"
    assert f"| a build against itself {row}" in text
    assert (docs / "summary.md").read_text() == text
    assert {path.name for path in docs.iterdir()} == {"summary.md", "runs.csv", "cases.csv"}
