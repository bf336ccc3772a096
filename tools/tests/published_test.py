from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from concurrency_report import published
from concurrency_report.published import PublishedMachine, parse, published_machines
from concurrency_report.results import ResultsError
from concurrency_report.summary import CaseSummary, EventLoop, Traits, Workers
from concurrency_report.verdicts import Mark, judge

TEXT = (Path(published.__file__).parent / "reference" / "published_python_results.csv").read_text()


def machine(name: str) -> PublishedMachine:
    return next(machine for machine in published_machines() if machine.name == name)


def numbered(number: str, cases: Sequence[CaseSummary]) -> CaseSummary:
    return next(case for case in cases if case.number == number)


def test_there_are_three_machines_of_eighteen_cases() -> None:
    machines = published_machines()
    assert [machine.name for machine in machines] == ["linux-10core", "macos-2core", "linux-1core"]
    assert [machine.cores for machine in machines] == [10, 2, 1]
    assert [len(machine.cases) for machine in machines] == [18] * 3


def test_a_case_has_our_name_and_the_published_figures() -> None:
    case = numbered("04", machine("linux-10core").cases)
    assert case.name == "io_thread_pool/workers:14"
    assert case.traits == Traits(Workers.BOUNDED, EventLoop.ABSENT)
    assert case.samples == {
        "user_s": {0: 1.04},
        "sys_s": {0: 0.28},
        "wall_s": {0: 2.02},
        "cpu_pct": {0: 65},
        "max_rss_kb": {0: 50700},
        "processes": {0: 0},
        "threads": {0: 14},
    }


def test_mixtures_are_named_as_ours() -> None:
    names = [case.name for case in machine("macos-2core").cases[12:]]
    assert names == [
        "mixed_async",
        "mixed_async_thread_pool/workers:8",
        "mixed_async_process_pool/workers:4",
        "blocking_async",
        "blocking_async_thread_pool/workers:8",
        "blocking_async_process_pool/workers:4",
    ]


@pytest.mark.parametrize(
    ("number", "processes", "threads"),
    [("01", 0, 0), ("02", 0, 30), ("03", 30, 0), ("10", 21, 0), ("12", 4, 0), ("15", 4, 0)],
)
def test_processes_and_threads_follow_from_the_model(
    number: str, processes: int, threads: int
) -> None:
    case = numbered(number, machine("macos-2core").cases)
    assert case.value("processes") == processes
    assert case.value("threads") == threads


def test_marks_are_the_published_ones() -> None:
    marks = machine("linux-1core").marks
    assert marks["cpu_sequential"] is Mark.GOOD
    assert marks["io_threads"] is Mark.FAIR
    assert marks["io_sequential"] is Mark.POOR


def test_our_rules_give_51_of_the_54_published_verdicts() -> None:
    differing = {
        (machine.name, name)
        for machine in published_machines()
        for name, verdict in judge(machine.cases, machine.cores).items()
        if verdict.mark is not machine.marks[name]
    }
    assert sum(len(judge(machine.cases, machine.cores)) for machine in published_machines()) == 54
    assert differing == {
        ("macos-2core", "io_async"),
        ("linux-1core", "io_thread_pool/workers:5"),
        ("linux-1core", "mixed_async_process_pool/workers:3"),
    }


def test_rules_do_not_see_the_names_of_models() -> None:
    def renamed(case: CaseSummary) -> CaseSummary:
        return replace(case, name=f"{case.workload}_x{case.number}", number=None)

    for machine in published_machines():
        ours = [verdict.mark for verdict in judge(machine.cases, machine.cores).values()]
        theirs = judge([renamed(case) for case in machine.cases], machine.cores)
        assert [verdict.mark for verdict in theirs.values()] == ours


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("machine,cores", "cores,machine", "its columns are not machine, cores"),
        ("linux-10core,10,02-io-threads", ",10,02-io-threads", "line 3: names no machine"),
        (
            "10,02-io-threads,,1.03",
            "10,02-io-threads,,fast",
            "line 3: its user_s is no figure: 'fa",
        ),
        ("10,02-io-threads,,1.03", "10,02-io-threads,,nan", "line 3: its user_s is no figure"),
        ("10,02-io-threads,,1.03", "10,02-io-threads,,-1", "line 3: its user_s is no figure"),
        ("10,02-io-threads,,1.03", "10,02-io-threads,,", "line 3: its user_s is no figure"),
        ("56612,fair", "56612", "line 3: does not have 10 cells"),
        ("10,02-io-threads,,", "10,02-io-threads,,,", "line 3: does not have 10 cells"),
        ("10,02-io-threads,,", "10,02-io-threads,3,", "line 3: pools have workers"),
        ("thread_pool,14,1.04", "thread_pool,,1.04", "line 5: pools have workers"),
        ("thread_pool,14,1.04", "thread_pool,0,1.04", "line 5: its workers is no number above"),
        ("10,02-io-threads", "ten,02-io-threads", "line 3: its cores is no number above zero"),
        ("10,02-io-threads", "9,02-io-threads", "linux-10core has several numbers of cores"),
        ("02-io-threads", "02-io-fibers", "line 3: no such case: 02-io-fibers"),
        ("02-io-threads", "02-disk-threads", "line 3: no such case: 02-disk-threads"),
        ("10,02-io-threads", "10,03-io-threads", "linux-10core does not have the cases 01 to 18"),
        ("56612,fair", "56612,bad", "line 3: its verdict is none of good, fair, poor"),
        ("56612,fair", '"56612,fair', "unexpected end of data"),
    ],
)
def test_malformed_content_is_refused(old: str, new: str, complaint: str) -> None:
    assert old in TEXT
    with pytest.raises(ResultsError) as caught:
        parse(TEXT.replace(old, new, 1), "figures.csv")
    assert str(caught.value).startswith("figures.csv: ")
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_content_is_refused() -> None:
    with pytest.raises(ResultsError, match="its columns are not"):
        parse("", "figures.csv")
    lines = TEXT.splitlines()
    with pytest.raises(ResultsError, match="has no cases"):
        parse(lines[0], "figures.csv")
    with pytest.raises(ResultsError, match="linux-1core does not have the cases"):
        parse("\n".join(lines[:-1]), "figures.csv")
