"""tools/compare: what it gives to compare.py, what it says besides, and what it refuses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from concurrency_report.compare.counters import compare, judged, means
from concurrency_report.compare.inputs import Results
from concurrency_report.compare.matching import match, matched_document
from concurrency_report.results import parse

from . import samples

TOOLS = Path(__file__).resolve().parents[1]


def results(*rows: dict[str, Any]) -> Results:
    document = parse(samples.text(*rows), "test")
    grouped: dict[str, list[Any]] = {}
    for row in document.rows:
        grouped.setdefault(row.name, []).append(row)
    return Results("test", dict(document.context), grouped)


BASELINE = results(
    samples.row("io_a", wall_s=1.0),
    samples.row("io_b", wall_s=1.0, disk_s=1.0),
    samples.row("io_gone"),
    samples.row("io_unit"),
    samples.row("io_broken"),
    samples.row("io_partly", wall_s=1.0),
    samples.row("io_partly", wall_s=1.0),
)
CONTENDER = results(
    samples.row("io_a", wall_s=4.0),
    samples.row("io_b", wall_s=1.0),
    samples.row("io_new"),
    samples.row("io_unit") | {"time_unit": "us"},
    samples.failed_row("io_broken", "refused"),
    samples.row("io_partly", wall_s=2.0),
    samples.failed_row("io_partly", "timed out"),
)


def test_names_every_row_that_is_not_compared() -> None:
    assert match(BASELINE, CONTENDER).sentences() == [
        "Added, in the contender only: io_new.",
        "Removed, in the baseline only: io_gone.",
        "Not compared: io_unit: its time_unit is ms and us.",
        "Not compared: io_broken: failed in the contender: refused.",
        "Compared in part: io_partly: 1 of 2 samples failed in the contender: timed out.",
    ]


def test_compare_py_gets_matched_rows_only() -> None:
    document: Any = matched_document(CONTENDER, match(BASELINE, CONTENDER))

    assert [row["name"] for row in document["benchmarks"]] == ["io_a", "io_b", "io_partly"]


def test_means_are_geometric_over_matched_rows_and_missing_counters_are_named() -> None:
    matching = match(BASELINE, CONTENDER)
    lines, missing = compare(BASELINE, CONTENDER, matching, ["wall_s", "disk_s", "major_faults"])

    assert [(mean.counter, mean.ratio, mean.of) for mean in means(lines)] == [("wall_s", 2.0, 3)]
    assert missing == ["Not compared: disk_s of io_b: none in the contender."]


def test_each_counter_has_its_direction() -> None:
    assert judged("max_rss_kb", 1.1) == judged("invol_ctx", 2) == "worse"
    assert judged("bytes_per_second", 1.1) == judged("user_s", 0.9) == "better"
    assert judged("threads", 2) == judged("wall_s", 1.0) == judged("sys_s", None) == ""


COMPARE_PY = """
import json, sys
print("Comparing", *sys.argv[1:])
print(*(row["name"] for path in sys.argv[-2:] for row in json.load(open(path))["benchmarks"]))
sys.exit(7)
"""


def run(
    folder: Path, *arguments: str, stdin: str = "", theirs: str = COMPARE_PY
) -> subprocess.CompletedProcess[str]:
    program = folder / "compare.py"
    program.write_text(theirs)
    return subprocess.run(
        [sys.executable, "-m", "concurrency_report", "compare", *arguments],
        cwd=TOOLS,
        env=os.environ | {"BENCHMARK_COMPARE_PY": str(program)},
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_pipe_is_a_side_and_options_and_status_are_compare_pys(tmp_path: Path) -> None:
    baseline = tmp_path / "baseline.json"
    baseline.write_text(samples.text(samples.row("io_a"), samples.row("io_gone")))

    done = run(
        *(tmp_path, "--no-utest", "--alpha=0.1", str(baseline), "-"),
        stdin=samples.text(samples.row("io_a", user_s=0.02)),
    )

    assert done.returncode == 7
    said = f"Comparing --no-color --no-utest --alpha=0.1 benchmarks {baseline} standard input\n"
    assert done.stdout.startswith(said + "io_a io_a\n")
    assert "io_a user_s" in done.stdout
    assert "+100.0 %  worse" in done.stdout
    assert "io_gone" in done.stdout.splitlines()[-1]


def test_a_program_is_run_with_the_options_behind_the_operands(tmp_path: Path) -> None:
    baseline = tmp_path / "baseline.json"
    baseline.write_text(samples.text(samples.row("io_a")))
    bench = tmp_path / "bench"
    bench.write_text(f'#!/bin/sh\necho "$@" >&2\ncat "{baseline}"\nexit 1\n')
    bench.chmod(0o755)

    done = run(tmp_path, str(baseline), str(bench), "--fetches", "3", theirs="")

    assert "--fetches 3 --benchmark_format=json" in done.stderr
    assert f"{bench}: a case failed in it" in done.stderr
    assert done.returncode == 1


def test_options_for_a_program_need_one(tmp_path: Path) -> None:
    baseline = tmp_path / "baseline.json"
    baseline.write_text(samples.text(samples.row("io_a")))

    done = run(tmp_path, str(baseline), str(baseline), "--counters", "all")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("compare: error: '--counters' stands behind the operands")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (samples.text(samples.row("io_a"))[:-40], "truncated JSON"),
        ("", "empty"),
        (json.dumps({"context": {}, "benchmarks": []}), "written by another program"),
        (samples.text(samples.row("io_a"), schema_version="2"), "schema version 2"),
        (samples.text(samples.row("io_a") | {"run_type": "aggregate"}), "aggregates only"),
        (samples.text(samples.row("io_other")), "no case can be compared. Added, in the contender"),
    ],
)
def test_bad_input_is_named_and_ends_with_2(tmp_path: Path, text: str, reason: str) -> None:
    baseline = tmp_path / "baseline.json"
    baseline.write_text(samples.text(samples.row("io_a")))

    done = run(tmp_path, str(baseline), "-", stdin=text)

    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert reason in line
