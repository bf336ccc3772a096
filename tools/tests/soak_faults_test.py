from __future__ import annotations

import re
from pathlib import Path

import pytest

from concurrency_report.results import parse_row
from concurrency_report.soak_faults import (
    FAULTS,
    HARMLESS,
    MIXES,
    faults_of_pass,
    unexpected,
)
from tests import samples

ROOT = Path(__file__).resolve().parents[2]
FETCHES = 10
TWO = ["reset_in_body", "no_close_notify", "status_500"]  # the second does no harm


def failed(case: str, message: str) -> str | None:
    return unexpected(parse_row(samples.failed_row(case, message), "here"), TWO, FETCHES)


def succeeded(case: str) -> str | None:
    return unexpected(parse_row(samples.row(case), "here"), TWO, FETCHES)


def test_every_fault_there_is_is_in_one_mix() -> None:
    """The table in the documentation is held to the library's by a test of its own."""
    text = (ROOT / "docs/reliability.md").read_text()
    _, section = text.split("\n## The network and the server\n")
    section, *_ = section.split("\n## ")
    table = dict(re.findall(r"^\| `([a-z0-9_]+)` \| .* \| (.*) \|$", section, re.MULTILINE))
    assert len(table) >= 40
    assert sorted(FAULTS) == sorted(table)
    assert sorted(fault for mix in MIXES for fault in mix) == sorted(table)
    assert {name for name, said in table.items() if said.startswith("no error")} == HARMLESS


def test_hosts_of_each_mix_are_few_enough_and_some_are_good() -> None:
    assert all(1 <= len(mix) <= 5 for mix in MIXES)


def test_good_and_faulty_passes_take_turns() -> None:
    mixes = [["a"], ["b", "c"]]
    assert [list(faults_of_pass(i, mixes)) for i in range(6)] == [
        *([], ["a"], [], ["b", "c"]),
        *([], ["a"]),
    ]


def test_failures_of_the_faulty_hosts_jobs_are_expected() -> None:
    said = "https://host01…: response body: Connection reset by peer"
    assert failed("io_async", f"job 0: {said} (and 1 more of 10 jobs); look") is None
    assert failed("io_async", f"job 2: {said} (and 1 more of 10 jobs); look") is None
    assert failed("mixed_threads", f"job 0: {said} (and 1 more of 10 jobs); look") is None
    assert failed("blocking_fibers", f"job 10: {said} (and 3 more of 20 jobs); look") is None
    assert failed("convoy_threads", f"job 1: {said} (and 1 more of 11 jobs); look") is None
    assert succeeded("cpu_threads") is None
    assert succeeded("disk_threads") is None


@pytest.mark.parametrize(
    ("case", "message", "says"),
    [
        ("io_async", "job 0: x (and 2 more of 10 jobs); y", "3 jobs failed where 2 had to"),
        ("io_async", "job 0: x; y", "1 jobs failed where 2 had to"),
        ("io_async", "job 1: x (and 1 more of 10 jobs); y", "job 1"),  # its host's does no harm
        ("io_async", "job 3: x (and 1 more of 10 jobs); y", "job 3"),  # a good host
        ("convoy_async", "job 0: x (and 1 more of 11 jobs); y", "job 0"),  # fetches nothing
        ("io_async", "start: too many open files", "too many open files"),
        ("cpu_async", "job 0: wrong number", "wrong number"),
        ("disk_async", "job 0: no such file", "no such file"),
    ],
)
def test_other_failures_are_not(case: str, message: str, says: str) -> None:
    found = failed(case, message)
    assert found is not None
    assert says in found


def test_a_success_that_cannot_be_is_not_either() -> None:
    assert succeeded("io_threads") == "succeeded in spite of " + ", ".join(TWO)


def test_with_good_hosts_no_failure_is() -> None:
    row = parse_row(samples.failed_row("io_async", "job 0: refused; is it running?"), "here")
    assert unexpected(row, [], FETCHES) == "job 0: refused; is it running?"
    assert unexpected(parse_row(samples.row("io_async"), "here"), [], FETCHES) is None


def test_harmless_faults_alone_fail_nothing() -> None:
    row = parse_row(samples.row("io_async"), "here")
    assert unexpected(row, sorted(HARMLESS), FETCHES) is None
