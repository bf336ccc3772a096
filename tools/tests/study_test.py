from __future__ import annotations

import json
import os
import pty
import random
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from concurrency_report.__main__ import study_parser
from concurrency_report.progress import TimeLeft
from concurrency_report.results import Document, read

TOOLS = Path(__file__).resolve().parents[1]

# What the stand-in for the origin does: tells its ports, and waits for the end of its input.
ORIGIN = r"""#!/bin/sh
echo "$@" >>"{log}"
printf 'https_port 4433\nhttp_port 8080\n-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n'
exec cat >/dev/null
"""


class Study:
    """tools/study's Python part as a process of its own, with a bench that does what is planned."""

    def __init__(self, folder: Path) -> None:
        self.results = folder / "results"
        self.log = folder / "log"
        self.origin_log = folder / "origin_log"
        self.alive = folder / "alive"
        self.plan: dict[str, object] = {
            "log": str(self.log),
            "alive": str(self.alive),
            "results": str(self.results),
        }
        self.bench = folder / "bench"
        self.bench.write_text(
            f'#!/bin/sh\nexec "{sys.executable}" "{TOOLS}/tests/fake_bench.py" "$@"\n'
        )
        self.bench.chmod(0o755)
        self.origin = folder / "origin"
        self.origin.write_text(ORIGIN.format(log=self.origin_log))
        self.origin.chmod(0o755)
        self._plan_file = folder / "plan.json"

    def start(
        self,
        *options: str,
        cases: Mapping[str, str],
        stderr: int = subprocess.PIPE,
        within: Sequence[str] = (),
        report: bool = False,
    ) -> subprocess.Popen[str]:
        """`within`: a command that runs the one that follows it. To draw a report takes most of the
        time, so that only those who look at it ask for it."""
        self._plan_file.write_text(json.dumps(self.plan | {"cases": dict(cases)}))
        bench = () if "--resume" in options else ("--bench", str(self.bench))
        return subprocess.Popen(
            [
                *within,
                *(sys.executable, "-m", "concurrency_report", "study"),
                *(() if report else ("--no-report",)),
                *(*bench, "--results", str(self.results), *options),
            ],
            cwd=TOOLS,
            env=os.environ | {"FAKE_BENCH_PLAN": str(self._plan_file)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )

    def run(
        self,
        *options: str,
        cases: Mapping[str, str],
        within: Sequence[str] = (),
        report: bool = False,
    ) -> subprocess.CompletedProcess[str]:
        with self.start(*options, cases=cases, within=within, report=report) as process:
            out, err = process.communicate()
        return subprocess.CompletedProcess([], process.returncode, out, err)

    def interrupt(
        self, *options: str, cases: Mapping[str, str], number: signal.Signals
    ) -> subprocess.CompletedProcess[str]:
        """Sends the signal while a case hangs, and waits until that case's processes are gone."""
        if not self.alive.exists():
            os.mkfifo(self.alive)
        with self.start(*options, cases=cases) as process:
            with self.alive.open("rb") as alive:
                assert alive.read(1) == b"x"
                process.send_signal(number)
                # Ends only when the hanging bench and the child that it started are gone.
                alive.read()
            out, err = process.communicate()
        return subprocess.CompletedProcess([], process.returncode, out, err)

    def calls(self) -> list[dict[str, Any]]:
        """Each call of bench: its arguments and the processors it could use."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def samples(self) -> list[list[str]]:
        """The arguments of each call that took a sample."""
        arguments: list[list[str]] = [call["arguments"] for call in self.calls()]
        return [each for each in arguments if "--benchmark_list_tests" not in each]

    def folder(self) -> Path:
        (folder,) = self.results.iterdir()
        return folder

    def document(self, name: str = "results.json") -> Document:
        return read(self.folder() / name)


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return Study(tmp_path)


POOL = "io_thread_pool/workers:6/real_time"
GOOD = {"io_sequential/real_time": "succeed", POOL: "succeed"}


def filters(calls: Sequence[Sequence[str]]) -> Counter[str]:
    return Counter(
        option.partition("=")[2]
        for call in calls
        for option in call
        if option.startswith("--benchmark_filter=")
    )


def test_each_sample_is_one_case_in_a_process_of_its_own(study: Study) -> None:
    assert study.run("--rounds", "3", cases=GOOD).returncode == 0
    of_study = [call for call in study.samples() if "--study" in call]
    # One for warming up, three rounds, one for its memory.
    assert filters(of_study) == {
        "^io_sequential/real_time$": 5,
        "^io_thread_pool/workers:6/real_time$": 5,
    }
    assert [row.raw["repetition_index"] for row in study.document().rows] == [0, 1, 2] * 2


def test_all_samples_share_one_origin(study: Study) -> None:
    study.run("--rounds", "2", cases=GOOD)
    assert len(study.origin_log.read_text().splitlines()) == 1
    for call in study.samples():
        assert "--ca" in call or "http://127.0.0.1:8080" in call
        assert {"https://127.0.0.1:4433", "http://127.0.0.1:8080"} & set(call)


def test_the_scheme_becomes_the_origin_s(study: Study) -> None:
    study.run("--rounds", "1", "--scheme", "http", cases=GOOD)
    for call in study.samples():
        assert "--scheme" not in call
        if "--study" in call:
            assert call[call.index("--origin") + 1] == "http://127.0.0.1:8080"
            assert "--ca" not in call


@pytest.mark.parametrize("mode", ["fresh", "resumed"])
def test_the_origin_hands_out_tickets_where_sessions_are_resumed(study: Study, mode: str) -> None:
    study.run("--rounds", "1", f"--connection={mode}", cases=GOOD)
    started = study.origin_log.read_text()
    assert ("--session-tickets" in started) == (mode == "resumed")


def test_servers_of_the_user_s_are_used_as_they_are(study: Study) -> None:
    study.run("--rounds", "1", "--urls", "urls.txt", cases=GOOD)
    assert not study.origin_log.exists()
    assert all("--origin" not in call for call in study.samples())
    # And not asked for a thousand times what the cases need.
    assert all("--fetches" not in call for call in study.samples())


def test_results_are_kept_as_one_document_and_a_report(study: Study) -> None:
    run = study.run("--rounds", "2", "--seed", "7", cases=GOOD, report=True)
    document = study.document()
    assert [(row.name, row.raw["repetition_index"]) for row in document.rows] == [
        ("io_sequential/real_time", 0),
        ("io_sequential/real_time", 1),
        (POOL, 0),
        (POOL, 1),
    ]
    assert document.context["study_rounds"] == 2
    assert document.context["study_seed"] == 7
    assert document.context["study_interrupted"] is False
    assert "02 io_thread_pool" in (study.folder() / "report.md").read_text()
    assert "io_thread_pool" in (study.folder() / "report.html").read_text()
    assert str(study.folder() / "report.html") in run.stderr


def test_memory_of_the_whole_tree_is_measured_in_a_run_of_its_own(study: Study) -> None:
    study.run("--rounds", "1", cases=GOOD)
    rows = study.document("memory.json").rows
    assert [row.name for row in rows] == list(GOOD)
    # The stand-in is a Python interpreter, of some megabytes.
    assert all(row.counters["total_pss_kb"] > 1000 for row in rows)
    assert all("total_pss_kb" not in row.counters for row in study.document().rows)


def test_a_timeline_of_each_case_is_kept(study: Study) -> None:
    study.run("--rounds", "1", cases=GOOD)
    timelines = study.folder() / "timelines"
    assert sorted(path.name for path in timelines.iterdir()) == [
        "io_sequential.json",
        "io_thread_pool.json",
    ]
    traced = [call for call in study.samples() if any("--trace=" in each for each in call)]
    assert len(traced) == 2


def test_runs_for_claims_have_names_of_their_own(study: Study) -> None:
    study.run("--rounds", "1", cases=GOOD)
    names = [row.name for row in study.document("claims.json").rows]
    assert len(set(names)) == len(names)
    assert "io_thread_pool/workers:6/fetches:30/latency_scale:1/real_time" in names
    by_name = {row.name: row for row in study.document("claims.json").rows}
    assert all(row.number is None for row in by_name.values())


def test_the_runs_for_claims_ask_for_the_workers_given(study: Study) -> None:
    study.run("--rounds", "1", "--workers", "3,5", cases=GOOD)
    sweeps = [c["arguments"] for c in study.calls() if "3,5" in c["arguments"]]
    assert sweeps
    assert all("--study" not in call for call in sweeps)


def test_cores_are_set_apart_and_the_origin_gets_the_rest(study: Study) -> None:
    cores = sorted(os.sched_getaffinity(0))
    assert study.run("--rounds", "1", "--cores", "1", cases=GOOD, report=True).returncode == 0
    taken = {tuple(call["processors"]) for call in study.calls()}
    assert taken == {(cores[0],)}
    document = read(study.folder() / "1-core" / "results.json")
    assert document.context.get("origin_affinity") == (cores[1:] or None)
    assert (study.folder() / "report.html").exists()


def test_each_number_of_cores_is_a_machine_of_its_own(study: Study) -> None:
    cores = len(os.sched_getaffinity(0))
    wanted = sorted({1, cores})
    options = ("--rounds", "1", "--cores", ",".join(map(str, wanted)))
    assert study.run(*options, cases=GOOD).returncode == 0
    found = {path.parent.name for path in study.folder().glob("*/results.json")}
    assert found == {f"{each}-core{'' if each == 1 else 's'}" for each in wanted}


def test_more_cores_than_there_are_is_an_error(study: Study) -> None:
    cores = len(os.sched_getaffinity(0))
    run = study.run("--cores", str(cores + 1), cases=GOOD)
    assert run.returncode == 2
    assert f"--cores: {cores + 1} of {cores} core" in run.stderr
    assert run.stderr.count("\n") == 1


def test_standard_output_gets_the_table_and_the_answer(study: Study) -> None:
    run = study.run("--rounds", "2", cases=GOOD)
    lines = run.stdout.splitlines()
    assert lines[0] == "somewhere, 2 usable cores, Linux 6.1.0"
    head = next(line for line in lines if line.startswith("case "))
    assert re.split("  +", head)[:6] == [
        *("case", "workers", "user s", "kernel s", "wall s", "50% interval")
    ]
    assert any(line.startswith("01 io_sequential") for line in lines)
    assert any(line.startswith("02 io_thread_pool") for line in lines)
    assert "IO-bound work:" in run.stdout
    assert "7. cannot tell here" in run.stdout


def test_progress_tells_the_case_and_the_time_left(study: Study) -> None:
    run = study.run("--rounds", "1", cases=GOOD)
    assert re.search(r"study: 2/\d+ warm-up: io_", run.stderr)
    assert "about 0 s left" in run.stderr
    assert "\x1b" not in run.stderr


def test_progress_is_a_bar_in_a_terminal(study: Study) -> None:
    ours, theirs = pty.openpty()
    cases = GOOD | {"io_async": "fail"}
    with study.start("--rounds", "1", cases=cases, stderr=theirs) as process:
        os.close(theirs)
        shown = read_terminal(ours)
    assert process.returncode == 1
    total = len(study.samples())
    assert f"0/{total}" in shown
    assert f"{total - 1}/{total}" in shown
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
    passed_on = ["--fetches", "10", "--latency-scale=2", "--rounds", "5"]
    for call in study.calls():
        defaults = {"--efficiency=false", "--benchmark_min_time=0.1"}
        given = [option for option in call["arguments"] if option not in defaults]
        assert given[:5] == passed_on
    assert study.document().context["study_options"] == passed_on


@pytest.mark.parametrize("option", ["--cases=cpu_", "--benchmark_filter=cpu_"])
def test_a_filter_narrows_the_cases(study: Study, option: str) -> None:
    cases = {"io_async/real_time": "succeed", "cpu_threads/real_time": "succeed"}
    study.run("--rounds", "1", option, cases=cases)
    assert [row.name for row in study.document().rows] == ["cpu_threads/real_time"]
    assert {row.case for row in study.document("claims.json").rows} == {"cpu_threads"}


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
    assert [path.name for path in study.folder().glob("timelines/*")] == ["io_good.json"]


def test_a_failed_case_is_shown_in_the_report(study: Study) -> None:
    run = study.run("--rounds", "1", cases={"io_good": "succeed", "io_bad": "fail"}, report=True)
    assert run.returncode == 1
    assert "job 3: connection refused" in (study.folder() / "report.html").read_text()


def test_without_a_report_it_says_how_to_draw_one(study: Study) -> None:
    run = study.run("--rounds", "1", cases=GOOD)
    assert run.returncode == 0
    assert "01 io_sequential" in run.stdout
    assert f"to draw the report: tools/study report {study.folder()}\n" in run.stderr
    assert not list(study.folder().glob("report.*"))


def test_gives_up_after_a_round_without_any_success(study: Study) -> None:
    run = study.run("--rounds", "5", cases={"io_async": "fail", "cpu_async": "crash"})
    assert run.returncode == 1
    assert "every case failed" in run.stderr
    assert len(study.samples()) == 2
    assert run.stdout == ""


def test_what_bench_says_of_its_options_is_passed_on(study: Study) -> None:
    study.plan["listing"] = {"status": 2, "stderr": "bench: --fetches 0: at least 1"}
    run = study.run("--fetches", "0", cases=GOOD)
    assert run.returncode == 2
    assert run.stderr == "study: error: bench: --fetches 0: at least 1\n"
    assert not list(study.results.iterdir())


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
    ("script", "complaint"),
    [
        (None, "cannot be run: No such file or directory"),
        ("#!/bin/sh\necho 'origin: no port is free' >&2\nexit 1\n", "origin: no port is free"),
        ("#!/bin/sh\necho -----END CERTIFICATE-----\nexec cat\n", "did not tell its ports"),
    ],
)
def test_an_origin_that_does_not_start_is_an_error(
    study: Study, script: str | None, complaint: str
) -> None:
    if script is None:
        study.origin.unlink()
    else:
        study.origin.write_text(script)
    run = study.run(cases=GOOD)
    assert run.returncode == 1
    assert complaint in run.stderr
    assert run.stderr.count("\n") == 1
    assert not list(study.results.iterdir())


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--rounds", "0"], "'0' is no number from 1 to 1000"),
        (["--rounds", "-3"], "--rounds"),
        (["--rounds", "many"], "'many' is no number"),
        (["--rounds", "1001"], "'1001' is no number"),
        (["--rounds"], "expected one argument"),
        (["--seed", "1.5"], "'1.5' is no whole number"),
        (["--cores", "0"], "'0' is no number from 1 to"),
        (["--cores", "1,,2"], "'' is no number from 1 to"),
        (["--workers", "2,two"], "'two' is no number from 1 to"),
        (["--benchmark_out=x"], "--benchmark_out is not for tools/study: use --results"),
        (["--", "--benchmark_repetitions=2"], "use --rounds"),
        (["--study"], "--study is not for tools/study"),
        (["7"], "'7' is no option"),
        (["--resume", "--rounds", "3"], "--resume goes on with the options"),
        (["--resume", "x", "--fetches=3"], "--resume goes on with the options"),
        (["--resume", "--bench", "build/bench"], "--resume goes on with the options"),
        (["--resume"], "is unfinished"),
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


HANGING = {"io_async": "succeed", "io_sequential": "succeed_then_hang"}


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)],
)
def test_an_interruption_keeps_what_ran_and_leaves_nobody_behind(
    study: Study, number: signal.Signals, status: int
) -> None:
    run = study.interrupt("--seed", seed_with_success_first(), cases=HANGING, number=number)
    assert run.returncode == status
    assert "01 io_async" in run.stdout
    assert "Incomplete: cases are missing" in run.stdout
    assert f"interrupted by {number.name} after 3 of" in run.stderr
    assert f"tools/study --resume {study.folder()}" in run.stderr
    assert "Traceback" not in run.stderr
    assert [row.name for row in study.document().rows] == ["io_async"]
    assert study.document().context["study_interrupted"] is True


def seed_with_success_first() -> str:
    """So that each of the first two rounds has a sample behind it when its second one fails."""
    for seed in range(100):
        rng = random.Random(seed)
        first, second = rng.sample(list(HANGING), 2), rng.sample(list(HANGING), 2)
        if first[0] == second[0] == "io_async":
            return str(seed)
    raise AssertionError


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
    assert not list(study.results.iterdir())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_resuming_runs_what_is_left_and_nothing_twice(study: Study, number: signal.Signals) -> None:
    study.interrupt("--rounds", "2", cases=HANGING, number=number)
    before = len(study.samples()) - 1  # the one that hung does not count
    run = study.run("--resume", cases=dict.fromkeys(HANGING, "succeed"), report=True)
    assert run.returncode == 0, run.stderr
    assert f"going on after {before} samples" in run.stderr
    of_study = [call for call in study.samples() if "--study" in call]
    # Warm-up, two rounds, memory, and the one that hung.
    assert len(of_study) == 2 * 4 + 1
    assert [row.raw["repetition_index"] for row in study.document().rows] == [0, 1, 0, 1]
    assert study.document().context["study_interrupted"] is False
    assert (study.folder() / "report.html").exists()
    again = study.run("--resume", str(study.folder()), cases=HANGING)
    assert again.returncode == 2
    assert "is finished" in again.stderr


def test_a_round_that_goes_on_with_a_failing_case_is_not_given_up(study: Study) -> None:
    seed = seed_with_success_first()
    study.interrupt("--rounds", "2", "--seed", seed, cases=HANGING, number=signal.SIGINT)
    run = study.run("--resume", cases={"io_async": "succeed", "io_sequential": "fail"})
    assert run.returncode == 1
    assert "every case failed" not in run.stderr
    names = [row.name for row in study.document().rows]
    assert names == ["io_async", "io_async", "io_sequential", "io_sequential"]


def test_the_folder_at_hand_is_a_study_like_any_other(study: Study) -> None:
    study.interrupt("--rounds", "1", cases=HANGING, number=signal.SIGINT)
    run = study.run("--resume", ".", cases=HANGING)
    assert run.returncode == 1
    assert "samples.jsonl: cannot be gone on with: No such file or directory" in run.stderr


def test_an_empty_journal_is_nothing_to_go_on_with(study: Study) -> None:
    study.interrupt("--rounds", "1", cases=HANGING, number=signal.SIGINT)
    older = study.folder()
    (study.results / "newer").mkdir()
    (study.results / "newer" / "samples.jsonl").touch()
    run = study.run("--resume", cases=dict.fromkeys(HANGING, "succeed"))
    assert run.returncode == 0, run.stderr
    assert (older / "results.json").exists()


def test_a_report_that_cannot_be_written_loses_no_sample(study: Study) -> None:
    study.interrupt("--rounds", "1", cases=HANGING, number=signal.SIGINT)
    in_the_way = study.folder() / "charts"
    in_the_way.write_text("a file")
    good = dict.fromkeys(HANGING, "succeed")
    run = study.run("--resume", cases=good, report=True)
    assert run.returncode == 1
    assert f"{in_the_way}: File exists; what was measured is kept" in run.stderr
    assert "Traceback" not in run.stderr
    in_the_way.unlink()
    taken = len(study.samples())
    assert study.run("--resume", cases=good, report=True).returncode == 0
    assert len(study.samples()) == taken
    assert (study.folder() / "report.html").exists()


def test_names_among_the_options_are_told_from_where_the_study_began(study: Study) -> None:
    study.interrupt("--rounds", "1", cases=HANGING, number=signal.SIGKILL)
    head = json.loads((study.folder() / "samples.jsonl").read_text().splitlines()[0])
    assert head["study"]["directory"] == str(TOOLS)


def test_a_line_cut_short_by_a_kill_is_dropped(study: Study) -> None:
    study.interrupt("--rounds", "1", cases=HANGING, number=signal.SIGINT)
    journal = study.folder() / "samples.jsonl"
    with journal.open("a") as file:
        file.write('{"machine": "", "pass": "stu')
    assert study.run("--resume", cases=dict.fromkeys(HANGING, "succeed")).returncode == 0
    assert all(json.loads(line) for line in journal.read_text().splitlines())


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        ("{}\n", "malformed"),
        ("no JSON\n", "line 4: malformed"),
        ('{"machine": "", "pass": "study", "round": 9, "name": "x"}\n', "would not be taken here"),
        ('{"machine": "", "pass": "warm-up", "round": 0, "name": "io_async"}\n', "start a new"),
    ],
)
def test_a_damaged_journal_is_named_and_nothing_overwritten(
    study: Study, damage: str, complaint: str
) -> None:
    study.interrupt("--rounds", "1", cases=HANGING, number=signal.SIGKILL)
    journal = study.folder() / "samples.jsonl"
    head = "".join(journal.read_text().splitlines(keepends=True)[:3])
    journal.write_text(head + damage + "{}\n")
    before = {path: path.read_bytes() for path in study.folder().rglob("*") if path.is_file()}
    run = study.run("--resume", str(study.folder()), cases=dict.fromkeys(HANGING, "succeed"))
    assert run.returncode == 1
    assert complaint in run.stderr
    assert run.stderr.count("\n") == 1
    after = {path: path.read_bytes() for path in study.folder().rglob("*") if path.is_file()}
    assert after == before


def test_another_build_is_not_mixed_in(study: Study) -> None:
    study.interrupt("--rounds", "1", cases=HANGING, number=signal.SIGINT)
    study.bench.write_text(study.bench.read_text() + "# rebuilt\n")
    run = study.run("--resume", cases=HANGING)
    assert run.returncode == 1
    assert "not the build that this study began with" in run.stderr


def test_a_full_disk_keeps_what_was_written(study: Study) -> None:
    cases = {"io_async": "succeed", "io_sequential": "fill_up"}
    run = study.run("--seed", seed_with_success_first(), cases=cases)
    assert run.returncode == 1
    assert "File too large; what ran before is kept" in run.stderr
    assert "Traceback" not in run.stderr
    for line in (study.folder() / "samples.jsonl").read_text().splitlines():
        json.loads(line)
    assert study.run("--resume", cases=dict.fromkeys(cases, "succeed")).returncode == 0


def with_mounts(script: str, *arguments: Path) -> list[str]:
    """A command that runs another one where `script` has mounted what only they see: it gets
    `arguments` as $1 and so on, and the other command after them."""
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-m", "true"]).returncode:
        pytest.skip("mount namespaces are not permitted here")
    return ["unshare", "-m", "sh", "-c", script, "sh", *map(str, arguments)]


def test_a_small_disk_keeps_the_samples_of_a_report_that_does_not_fit(
    study: Study, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    small_disk = with_mounts(
        'mount -t tmpfs -o size=64k none "$1" && results=$1 kept=$2 && shift 2 && '
        '{ "$@"; status=$?; cp -r "$results" "$kept"; exit $status; }',
        study.results,
        kept,
    )
    study.results.mkdir()
    run = study.run("--rounds", "1", cases=GOOD, within=small_disk, report=True)
    assert run.returncode == 1
    assert "No space left on device; what was measured is kept\n" in run.stderr
    assert "Traceback" not in run.stderr
    study.results.rmdir()
    kept.rename(study.results)
    taken = len(study.samples())
    assert study.run("--resume", cases=GOOD, report=True).returncode == 0
    assert len(study.samples()) == taken
    assert (study.folder() / "report.html").exists()


def test_a_read_only_folder_is_found_before_anything_runs(study: Study) -> None:
    study.results.mkdir()
    read_only = with_mounts(
        'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"',
        study.results,
    )
    run = study.run(cases=GOOD, within=read_only)
    assert run.returncode == 2
    assert f"{study.results}: no folder to keep results in: " in run.stderr
    assert run.stderr.endswith(": choose another with --results\n")
    assert run.stderr.count("\n") == 1
    assert not study.log.exists()


def test_a_study_without_any_sample_leaves_no_folder(study: Study) -> None:
    run = study.run("--rounds", "1", cases={"io_async": "fill_up"})
    assert run.returncode == 1
    assert "Traceback" not in run.stderr
    assert not list(study.results.iterdir())


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
    for option in (
        *("--rounds", "--cases", "--workers", "--cores", "--seed", "--results", "--resume"),
        *("--bench", "report FOLDER"),
    ):
        assert option in text
    assert "Example:" in text
