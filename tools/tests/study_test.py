from __future__ import annotations

import json
import os
import pty
import random
import re
import signal
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from concurrency_report.__main__ import study_parser
from concurrency_report.progress import TimeLeft
from concurrency_report.results import Document, read
from concurrency_report.study import shuffled_rounds

TOOLS = Path(__file__).resolve().parents[1]


class Study:
    """tools/study's Python part as a process of its own, with a bench that does what is planned."""

    def __init__(self, folder: Path) -> None:
        self.results = folder / "results"
        self.log = folder / "log"
        self.alive = folder / "alive"
        self.plan: dict[str, object] = {"log": str(self.log), "alive": str(self.alive)}
        self.bench = folder / "bench"
        self.bench.write_text(
            f'#!/bin/sh\nexec "{sys.executable}" "{TOOLS}/tests/fake_bench.py" "$@"\n'
        )
        self.bench.chmod(0o755)
        self._plan_file = folder / "plan.json"

    def start(
        self, *options: str, cases: dict[str, str], stderr: int = subprocess.PIPE
    ) -> subprocess.Popen[str]:
        self._plan_file.write_text(json.dumps(self.plan | {"cases": cases}))
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "concurrency_report", "study"),
                *("--bench", str(self.bench), "--results", str(self.results), *options),
            ],
            cwd=TOOLS,
            env=os.environ | {"FAKE_BENCH_PLAN": str(self._plan_file)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )

    def run(self, *options: str, cases: dict[str, str]) -> subprocess.CompletedProcess[str]:
        with self.start(*options, cases=cases) as process:
            out, err = process.communicate()
        return subprocess.CompletedProcess([], process.returncode, out, err)

    def calls(self) -> list[list[str]]:
        """The arguments of each call of bench, the one that lists the cases first."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def folder(self) -> Path:
        (folder,) = self.results.iterdir()
        return folder

    def document(self) -> Document:
        return read(self.folder() / "results.json")


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return Study(tmp_path)


HEADERS = ["case", "workers", "user s", "kernel s", "wall s", "CPU %", "max RSS kB"]
GOOD = {"io_sequential": "succeed", "io_thread_pool/workers:6/real_time": "succeed"}


def test_each_sample_is_one_case_in_a_process_of_its_own(study: Study) -> None:
    assert study.run("--rounds", "3", cases=GOOD).returncode == 0
    listing, *runs = study.calls()
    assert listing == ["--study", "--benchmark_list_tests"]
    assert Counter(option for call in runs for option in call if "filter" in option) == {
        "--benchmark_filter=^io_sequential$": 3,
        "--benchmark_filter=^io_thread_pool/workers:6/real_time$": 3,
    }


def test_results_are_kept_as_one_document_and_a_table(study: Study) -> None:
    run = study.run("--rounds", "2", "--seed", "7", cases=GOOD)
    document = study.document()
    assert [(row.name, row.raw["repetition_index"]) for row in document.rows] == [
        ("io_sequential", 0),
        ("io_sequential", 1),
        ("io_thread_pool/workers:6/real_time", 0),
        ("io_thread_pool/workers:6/real_time", 1),
    ]
    assert document.context["study_rounds"] == 2
    assert document.context["study_seed"] == 7
    assert "02 io_thread_pool" in (study.folder() / "table.md").read_text()
    assert str(study.folder()) in run.stderr


def test_the_table_is_all_that_standard_output_gets(study: Study) -> None:
    run = study.run("--rounds", "2", cases=GOOD)
    machine, _, *lines = run.stdout.splitlines()
    assert machine == "somewhere, 2 usable cores, Linux 6.1.0"
    assert re.split("  +", lines[0]) == [*HEADERS, "spread %"]
    assert lines[2].startswith("01 io_sequential")
    assert lines[3].startswith("02 io_thread_pool")
    assert "2 times, in shuffled order" in lines[5]


def test_progress_tells_the_case_and_the_time_left(study: Study) -> None:
    run = study.run("--rounds", "1", cases=GOOD)
    assert "study: 2/2 " in run.stderr
    assert "about 0 s left" in run.stderr
    assert "\x1b" not in run.stderr


def test_progress_is_a_bar_in_a_terminal(study: Study) -> None:
    ours, theirs = pty.openpty()
    cases = GOOD | {"io_async": "fail"}
    with study.start("--rounds", "1", cases=cases, stderr=theirs) as process:
        os.close(theirs)
        shown = read_terminal(ours)
    assert process.returncode == 1
    assert "0/3" in shown
    assert "2/3" in shown
    assert "about" in shown
    assert "study: io_async failed: job 3: connection refused" in shown


def read_terminal(terminal: int) -> str:
    """All that is written to it until its last writer closes it, which Linux tells by EIO."""
    shown = b""
    with suppress(OSError):
        while piece := os.read(terminal, 65536):
            shown += piece
    os.close(terminal)
    return shown.decode()


def test_other_options_go_to_bench(study: Study) -> None:
    study.run(
        *("--rounds=1", "--fetches", "10", "--latency-scale=2", "--", "--rounds", "5"), cases=GOOD
    )
    for call in study.calls():
        assert call[1:6] == ["--fetches", "10", "--latency-scale=2", "--rounds", "5"]
    assert study.document().context["study_options"] == [
        *("--fetches", "10", "--latency-scale=2", "--rounds", "5")
    ]


def test_a_filter_narrows_the_cases(study: Study) -> None:
    cases = {"io_async": "succeed", "cpu_async": "succeed"}
    study.run("--rounds", "1", "--benchmark_filter=cpu_", cases=cases)
    assert [row.name for row in study.document().rows] == ["cpu_async"]


@pytest.mark.parametrize(
    ("behaviour", "complaint"),
    [
        ("fail", "io_bad failed: job 3: connection refused"),
        ("fail_without_results", "io_bad failed: bench: the origin did"),
        ("crash", "io_bad failed: was ended by SIGKILL"),
        ("truncate", "io_bad failed: what bench wrote: truncated JSON at line 1"),
        ("write_nan", "io_bad failed: what bench wrote: malformed JSON: NaN"),
        ("write_another_version", "io_bad failed: what bench wrote: has schema version 2"),
        ("write_another_case", "io_bad failed: bench wrote cpu_other instead"),
    ],
)
def test_a_failed_case_is_named_and_the_others_are_shown(
    study: Study, behaviour: str, complaint: str
) -> None:
    run = study.run("--rounds", "2", cases={"io_good": "succeed", "io_bad": behaviour})
    assert run.returncode == 1
    assert run.stderr.count(complaint) == 1
    assert "1 of 2 cases failed: io_bad" in run.stderr
    assert "Traceback" not in run.stderr
    assert "01 io_good" in run.stdout
    assert "failed" in run.stdout
    rows = study.document().rows
    assert [row.error is None for row in rows] == [True, True, False, False]


def test_gives_up_after_a_round_without_any_success(study: Study) -> None:
    run = study.run("--rounds", "5", cases={"io_async": "fail", "cpu_async": "crash"})
    assert run.returncode == 1
    assert "every case failed" in run.stderr
    assert len(study.calls()) == 1 + 2
    assert run.stdout == ""


def test_what_bench_says_of_its_options_is_passed_on(study: Study) -> None:
    study.plan["listing"] = {"status": 2, "stderr": "bench: --workers 0: at least 1"}
    run = study.run("--workers", "0", cases=GOOD)
    assert run.returncode == 2
    assert run.stderr == "study: error: bench: --workers 0: at least 1\n"


def test_a_bench_that_lists_no_cases_is_an_error(study: Study) -> None:
    assert "listed no cases" in study.run(cases={}).stderr
    run = study.run(cases={"Usage: bench": "succeed"})
    assert run.returncode == 1
    assert "listed 'Usage: bench', which is no case" in run.stderr


def test_a_bench_that_cannot_be_run_is_an_error(study: Study) -> None:
    study.bench.unlink()
    run = study.run(cases=GOOD)
    assert run.returncode == 1
    assert run.stderr == f"study: error: {study.bench}: cannot be run: No such file or directory\n"


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--rounds", "0"], "'0' is no number from 1 to 1000"),
        (["--rounds", "-3"], "--rounds"),
        (["--rounds", "many"], "'many' is no number"),
        (["--rounds", "1001"], "'1001' is no number"),
        (["--rounds"], "expected one argument"),
        (["--seed", "1.5"], "'1.5' is no whole number"),
        (["--benchmark_out=x"], "--benchmark_out is given by tools/study itself: use --results"),
        (["--", "--benchmark_repetitions=2"], "use --rounds"),
    ],
)
def test_wrong_options_end_in_one_line_before_anything_runs(
    study: Study, options: list[str], complaint: str
) -> None:
    run = study.run(*options, cases=GOOD)
    assert run.returncode == 2
    assert complaint in run.stderr
    assert run.stderr.count("\n") == 1
    assert not study.log.exists()


def test_an_impossible_results_folder_is_found_before_anything_runs(study: Study) -> None:
    study.results.write_text("in the way")
    run = study.run(cases=GOOD)
    assert run.returncode == 2
    assert "no folder to keep results in" in run.stderr
    assert run.stderr.count("\n") == 1
    assert not study.log.exists()


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)],
)
def test_an_interruption_keeps_what_ran_and_leaves_nobody_behind(
    study: Study, number: signal.Signals, status: int
) -> None:
    # Whatever the order of the first round, the second one has a case behind it when it hangs.
    os.mkfifo(study.alive)
    cases = {"io_async": "succeed", "io_sequential": "hang"}
    seed = next(s for s in range(100) if first_case(cases, s) == "io_async")
    with study.start("--seed", str(seed), cases=cases) as process:
        with study.alive.open("rb") as alive:
            assert alive.read(1) == b"x"
            process.send_signal(number)
            # Ends only when the hanging bench and the child that it started are gone.
            alive.read()
        out, err = process.communicate()
    assert process.returncode == status
    assert "01 io_async" in out
    assert "Interrupted: cases are missing" in out
    assert f"interrupted by {number.name} after 1 of 6 samples" in err
    assert "Traceback" not in err
    assert [row.name for row in study.document().rows] == ["io_async"]
    assert study.document().context["study_interrupted"] is True


def test_a_second_signal_ends_a_bench_that_is_deaf_to_the_first(study: Study) -> None:
    os.mkfifo(study.alive)
    with study.start(cases={"io_async": "hang_deaf"}) as process:
        with study.alive.open("rb") as alive:
            assert alive.read(1) == b"x"
            process.send_signal(signal.SIGINT)
            process.send_signal(signal.SIGTERM)
            alive.read()
        out, err = process.communicate()
    assert process.returncode in (130, 143)
    assert "before any case had run" in err
    assert out == ""


def first_case(cases: dict[str, str], seed: int) -> str:
    return shuffled_rounds(list(cases), 1, random.Random(seed))[0][0]


def test_rounds_are_complete_and_in_orders_of_their_own() -> None:
    cases = [f"io_{letter}" for letter in "abcdefgh"]
    rounds = shuffled_rounds(cases, 4, random.Random(1))
    assert all(sorted(order) == cases for order in rounds)
    assert len({tuple(order) for order in rounds}) > 1
    assert rounds == shuffled_rounds(cases, 4, random.Random(1))


def test_time_left_is_foreseen_from_what_ran() -> None:
    left = TimeLeft(["a", "b", "c", "a", "b", "c"])
    assert left.seconds() is None
    assert str(left) == ""
    left.finished("a", 2)
    assert left.seconds() == 10
    left.finished("b", 4)
    assert left.seconds() == 3 + 2 + 4 + 3
    left.finished("c", 100)
    assert str(left) == "about 1 min 46 s left"


def test_every_option_is_in_the_help_with_an_example() -> None:
    text = study_parser().format_help()
    for option in ("--rounds", "--seed", "--results", "--bench", "--benchmark_filter"):
        assert option in text
    assert "Example:" in text
