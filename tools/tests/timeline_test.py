from __future__ import annotations

import math
from typing import Any

import pytest

from concurrency_report.report.timeline import MOST_JOBS, Doing, Timeline, timeline_of
from concurrency_report.results import ResultsError


def thread(number: int, name: str) -> dict[str, Any]:
    return {"ph": "M", "name": "thread_name", "pid": 1, "tid": number, "args": {"name": name}}


def piece(
    job: int, tid: int, category: str, start_us: float, length_us: float, **more: str
) -> dict[str, Any]:
    arguments = {"job": job, "what": f"work {job}", **more}
    return {
        **{"ph": "X", "name": f"job {job}", "cat": category, "pid": 1, "tid": tid},
        **{"ts": start_us, "dur": length_us, "args": arguments},
    }


def request(job: int, tid: int, start_us: float, end_us: float) -> list[dict[str, Any]]:
    begin = {
        **{"ph": "b", "name": f"job {job}", "cat": "waiting", "pid": 1, "tid": tid},
        **{"ts": start_us, "id": f"1.{job}", "args": {"job": job, "what": "https://x/"}},
    }
    end = {key: value for key, value in begin.items() if key != "args"}
    return [begin, end | {"ph": "e", "ts": end_us}]


def read(*events: dict[str, Any]) -> Timeline:
    return timeline_of({"traceEvents": list(events)}, "x")


def test_a_thread_s_jobs_share_its_lane() -> None:
    found = read(
        piece(0, 1, "waiting", 0, 2000),
        piece(1, 0, "working", 500, 1000),
        piece(2, 1, "working", 2000, 500),
        thread(0, "worker 0"),
        thread(1, "worker 1"),
    )
    assert found.lanes == ["worker 0", "worker 1"]
    assert [(bar.job, bar.lane, bar.doing) for bar in found.bars] == [
        (0, 1, Doing.WAITING),
        (1, 0, Doing.WORKING),
        (2, 1, Doing.WORKING),
    ]
    assert (found.bars[0].start_ms, found.bars[0].end_ms) == (0, 2)
    assert found.end_ms == 2.5


def test_requests_on_an_event_loop_have_a_lane_each_and_workers_follow() -> None:
    found = read(
        *request(0, 0, 0, 9000),
        *request(1, 0, 100, 5000),
        piece(1, 1, "working", 5000, 1000),
        thread(0, "event loop"),
        thread(1, "worker 0"),
    )
    assert found.lanes == ["event loop", "event loop", "worker 0"]
    assert [(bar.job, bar.lane, bar.who) for bar in found.bars] == [
        (0, 0, "event loop"),
        (1, 1, "event loop"),
        (1, 2, "worker 0"),
    ]
    assert found.bars[0].doing is Doing.AWAITED


def test_a_step_that_stalls_the_loop_stays_with_its_job() -> None:
    found = read(
        *request(0, 0, 0, 1000), *request(1, 0, 0, 1000), piece(1, 0, "working", 1000, 500)
    )
    assert [(bar.job, bar.lane) for bar in found.bars] == [(0, 0), (1, 1), (1, 1)]


def test_jobs_that_failed_are_told() -> None:
    (bar,) = read(piece(0, 0, "waiting", 0, 1, error="refused")).bars
    assert bar.failed


def test_of_very_many_jobs_the_first_are_drawn() -> None:
    found = read(*(piece(job, 0, "working", job, 1) for job in range(MOST_JOBS + 7)))
    assert len(found.bars) == MOST_JOBS
    assert found.left_out == 7


def test_nothing_comes_of_nothing() -> None:
    found = read()
    assert (found.lanes, found.bars, found.end_ms) == ([], [], 0)


@pytest.mark.parametrize(
    "trace",
    [
        [],
        {},
        {"traceEvents": {}},
        {"traceEvents": [1]},
        {"traceEvents": [{"ph": "X"}]},
        {"traceEvents": [piece(0, 0, "working", 0, 1) | {"ts": "soon"}]},
        {"traceEvents": [piece(0, 0, "working", 0, 1) | {"args": None}]},
        {"traceEvents": request(0, 0, 0, 1)[:1]},
        {"traceEvents": request(0, 0, 1, 0)},
        {"traceEvents": [piece(0, 0, "working", 0, -1)]},
        {"traceEvents": [piece(0, 0, "working", math.nan, 1)]},
        {"traceEvents": [piece(0, 0, "working", 0, math.inf)]},
        {"traceEvents": [piece(0, 0, "working", 0, 1) | {"args": {"job": math.inf}}]},
        [piece(0, 0, "working", 0, 1)] * 1000,
    ],
)
def test_what_is_no_trace_is_refused_in_one_line(trace: Any) -> None:
    with pytest.raises(ResultsError) as caught:
        timeline_of(trace, "the timeline of io_async")
    assert str(caught.value).startswith("the timeline of io_async: ")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200
