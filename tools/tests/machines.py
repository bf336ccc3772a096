"""A machine with figures of every kind, made by code, for tests of the report."""

from __future__ import annotations

from pathlib import Path

from concurrency_report.machine_results import MachineResults
from concurrency_report.results import Json, parse
from concurrency_report.summary import CaseSummary, summarise

from . import samples

HOSTILE = '</script><b onclick="x()">host & `co`</b> | *'

_WALLS = {
    "io_sequential": 0.5,
    "io_threads": 0.05,
    "io_thread_pool/workers:6": 0.1,
    "io_async": 0.055,
    "cpu_sequential": 0.6,
    "cpu_process_pool/workers:2": 0.32,
    "mixed_async": 0.32,
    "mixed_async_thread_pool/workers:6": 0.17,
}


def machine(host: str = "somewhere", cores: int = 2, rounds: int = 3) -> MachineResults:
    cases = _summaries(
        [
            samples.row(
                name,
                f"case {number:02}",
                wall_s=wall * (1 + 0.01 * index),
                user_s=wall * (1 + 0.01 * index) - 0.02,
                loop_blocked_s=wall,
            )
            | {"repetition_index": index}
            for number, (name, wall) in enumerate(_WALLS.items(), 1)
            for index in range(rounds)
        ]
    )
    claims = _summaries(
        [
            samples.row(name, wall_s=wall)
            for name, wall in {
                "io_thread_pool/workers:1": 0.5,
                "io_thread_pool/workers:6": 0.1,
                "cpu_process_pool/workers:1": 0.6,
                "cpu_process_pool/workers:4": 0.3,
                "io_async/fetches:3/latency_scale:1": 0.01,
                "io_thread_pool/workers:6/fetches:3/latency_scale:1": 0.01,
                "io_async/fetches:30/latency_scale:1": 0.05,
                "io_thread_pool/workers:6/fetches:30/latency_scale:1": 0.1,
            }.items()
        ]
    )
    context = samples.document()["context"] | {
        "host_name": host,
        "usable_cores": cores,
        "source": "external origin",
    }
    return MachineResults(
        folder=Path(),
        context=context,
        cases=[case.with_figure("total_pss_kb", {0: 20000.0}) for case in cases],
        claims=claims,
        traces={case.name: _trace(host) for case in cases},
    )


def _summaries(rows: list[dict[str, Json]]) -> list[CaseSummary]:
    document = parse(samples.text(*rows), "made by a test")
    return summarise(document.rows, document.context)


def _trace(what: str) -> Json:
    waiting: Json = {
        **{"ph": "X", "name": "job 0", "cat": "waiting", "pid": 1, "tid": 0, "ts": 0, "dur": 4000},
        "args": {"job": 0, "what": what},
    }
    working: Json = {
        **{"ph": "X", "name": "job 1", "cat": "working", "pid": 1, "tid": 1, "ts": 0, "dur": 900},
        "args": {"job": 1, "what": "fibonacci(30)"},
    }
    awaited: list[Json] = [
        {
            **{"ph": phase, "name": "job 2", "cat": "waiting", "id": "1.2", "tid": 7, "ts": time},
            "args": {"job": 2, "what": what},
        }
        for phase, time in (("b", 100), ("e", 3000))
    ]
    names: list[Json] = [
        {"ph": "M", "name": "thread_name", "tid": tid, "args": {"name": f"worker {tid}"}}
        for tid in (0, 1)
    ]
    return {"traceEvents": [waiting, working, *awaited, *names]}
