from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from concurrency_report.results import (
    ResultsError,
    error_row,
    merge,
    parse,
    parse_row,
    read,
    renamed,
    with_counters,
    workload_of,
    write,
)

from . import samples


def refusal(text: str) -> str:
    with pytest.raises(ResultsError) as caught:
        parse(text, "results.json")
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith("results.json: ")
    return message


def test_a_row_knows_its_case_and_number() -> None:
    row = parse(
        samples.text(samples.row("io_thread_pool/workers:6/real_time", "case 04")), "x"
    ).rows[0]
    assert row.name == "io_thread_pool/workers:6/real_time"
    assert row.case == "io_thread_pool"
    assert row.number == "04"
    assert workload_of(row.name) == "io"


def test_a_row_without_a_label_has_no_number() -> None:
    assert parse(samples.text(samples.row("io_async/real_time")), "x").rows[0].number is None


def test_a_renamed_row_keeps_its_figures() -> None:
    row = parse(samples.text(samples.row("io_async", "case 06", user_s=0.5)), "x").rows[0]
    other = renamed(row, "io_async/fetches:3", label="")
    again = parse_row(dict(other.raw), "x")
    assert again.name == "io_async/fetches:3"
    assert again.number is None
    assert again.counters == row.counters


def test_counters_of_ours_stand_beside_bench_s() -> None:
    row = parse(samples.text(samples.row("io_async")), "x").rows[0]
    again = parse_row(dict(with_counters(row, {"total_pss_kb": 7}).raw), "x")
    assert again.counters == {**row.counters, "total_pss_kb": 7}


def test_counters_are_what_the_row_has_and_no_more() -> None:
    raw = samples.row("io_async", user_s=0.5)
    del raw["max_rss_kb"]
    row = parse(samples.text(raw), "x").rows[0]
    assert row.counters["user_s"] == 0.5
    assert "max_rss_kb" not in row.counters
    assert "real_time" not in row.counters
    assert "iterations" not in row.counters


def test_a_measured_zero_stays_a_zero() -> None:
    row = parse(samples.text(samples.row("io_async", sys_s=0)), "x").rows[0]
    assert row.counters["sys_s"] == 0


def test_wall_time_comes_from_real_time_where_the_counter_is_absent() -> None:
    raw = samples.row("io_async", wall_s=0.25)
    del raw["wall_s"]
    wall_s = parse(samples.text(raw), "x").rows[0].wall_s
    assert wall_s is not None
    assert math.isclose(wall_s, 0.25)


def test_an_error_row_has_an_error_and_no_times() -> None:
    raw = samples.failed_row("io_async", "job 3: connection refused", "case 06")
    row = parse(samples.text(raw), "x").rows[0]
    assert row.error == "job 3: connection refused"
    assert row.wall_s is None
    assert row.counters == {}
    assert row.number == "06"


def test_aggregates_are_told_apart() -> None:
    raw = samples.row("io_async_mean") | {"run_name": "io_async", "run_type": "aggregate"}
    row = parse(samples.text(raw), "x").rows[0]
    assert row.is_aggregate
    assert row.name == "io_async"


def test_refuses_an_empty_file() -> None:
    assert "empty" in refusal("  \n")


@pytest.mark.parametrize("keep", [1, 40, -2, -30])
def test_refuses_a_truncated_file(keep: int) -> None:
    assert "truncated JSON at line 1" in refusal(samples.text(samples.row("io_async"))[:keep])


def test_refuses_malformed_json_and_says_where() -> None:
    assert "malformed JSON at line 2, column 1" in refusal('{\ncontext: {}, "benchmarks": []}')


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "1" + "0" * 400])
def test_refuses_numbers_that_are_not_finite(number: str) -> None:
    text = samples.text(samples.row("io_async")).replace("12288.0", number)
    assert "malformed JSON" in refusal(text)


def test_refuses_another_schema_version() -> None:
    message = refusal(samples.text(samples.row("io_async"), schema_version="2"))
    assert "schema version 2" in message


def test_refuses_what_another_program_wrote() -> None:
    assert "schema_version" in refusal('{"context": {}, "benchmarks": []}')
    assert "no 'context'" in refusal('{"benchmarks": []}')
    assert "no object" in refusal("[]")


def test_refuses_a_document_without_benchmarks() -> None:
    assert "has no benchmarks" in refusal(samples.text())
    assert "no list" in refusal('{"context": {"schema_version": "1"}}')


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        ({"name": ""}, "benchmark 1: has no name"),
        ({"real_time": None}, "no real_time"),
        ({"real_time": True}, "no real_time"),
        ({"real_time": -1}, "no real_time"),
        ({"time_unit": "fortnight"}, "time_unit is 'fortnight'"),
        ({"label": 4}, "label"),
    ],
)
def test_refuses_a_broken_row_and_names_it(broken: dict[str, object], complaint: str) -> None:
    raw = samples.row("io_async") | broken
    del raw["wall_s"]
    assert complaint in refusal(samples.text(raw))


def test_reading_names_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match=r"absent\.json: cannot be read: No such file"):
        read(tmp_path / "absent.json")


def test_reading_refuses_what_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    path.write_bytes(b'{"context": "\xff"}')
    with pytest.raises(ResultsError, match="not UTF-8 at byte 13"):
        read(path)


def test_merging_numbers_the_repetitions_of_each_case() -> None:
    slow, fast = (
        parse(samples.text(samples.row("io_async", "case 06", wall_s=wall_s)), "x").rows[0]
        for wall_s in (0.3, 0.2)
    )
    other = parse(samples.text(samples.row("cpu_async")), "x").rows[0]
    merged = merge(
        {"schema_version": "1", "study_rounds": "2"},
        ["io_async", "cpu_async"],
        [(1, fast), (0, other), (0, slow)],
        2,
    )
    document = parse(json.dumps(merged), "merged")
    assert document.context["study_rounds"] == "2"
    assert [(row.name, row.wall_s) for row in document.rows] == [
        ("io_async", 0.3),
        ("io_async", 0.2),
        ("cpu_async", 0.05),
    ]
    assert [row.raw["repetition_index"] for row in document.rows] == [0, 1, 0]
    assert [row.raw["family_index"] for row in document.rows] == [0, 0, 1]
    assert {row.raw["repetitions"] for row in document.rows} == {2}


def test_a_merged_error_reads_as_an_error() -> None:
    merged = merge({"schema_version": "1"}, ["io_async"], [(0, error_row("io_async", "boom"))], 1)
    assert parse(json.dumps(merged), "merged").rows[0].error == "boom"


def test_writing_leaves_nothing_but_the_file(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    write({"context": {"schema_version": "1"}, "benchmarks": [samples.row("io_async")]}, path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["results.json"]
    assert read(path).rows[0].name == "io_async"


def test_writing_refuses_what_strict_parsers_would(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    with pytest.raises(ValueError, match="not JSON compliant"):
        write({"context": {"figure": math.nan}}, path)
    assert not path.exists()
