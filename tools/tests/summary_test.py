from __future__ import annotations

from typing import Any

from concurrency_report.results import Json, parse
from concurrency_report.summary import CaseSummary, EventLoop, Traits, Workers, summarise

from . import samples


def summaries(*rows: dict[str, Any]) -> list[CaseSummary]:
    document = parse(samples.text(*rows), "x")
    return summarise(document.rows, document.context)


def repetition(index: int, name: str = "io_async", **counters: float) -> dict[str, Any]:
    return samples.row(name, "", **counters) | {"repetition_index": index}


def test_figures_are_medians_over_the_samples_that_have_them() -> None:
    without_memory = repetition(1, user_s=0.3, wall_s=0.3)
    del without_memory["max_rss_kb"]
    (summary,) = summaries(
        repetition(0, user_s=0.1, wall_s=0.2, max_rss_kb=1000),
        without_memory,
        repetition(2, user_s=0.2, wall_s=0.1, max_rss_kb=2000),
    )
    assert summary.successes == 3
    assert summary.value("user_s") == 0.2
    assert summary.value("wall_s") == 0.2
    assert summary.value("max_rss_kb") == 1500
    assert summary.of("max_rss_kb") == {0: 1000, 2: 2000}
    assert summary.value("no_such_figure") is None


def test_rounds_are_told_apart_by_the_repetition_index() -> None:
    (summary,) = summaries(repetition(3, wall_s=0.3), repetition(1, wall_s=0.1))
    assert summary.of("wall_s") == {1: 0.1, 3: 0.3}


def test_rounds_are_counted_where_the_file_does_not_tell() -> None:
    (summary,) = summaries(samples.row("io_async"), samples.row("io_async"))
    assert set(summary.of("wall_s")) == {0, 1}


def test_cpu_time_is_both_kinds_round_by_round() -> None:
    (summary,) = summaries(
        repetition(0, user_s=0.5, sys_s=0.25), repetition(1, user_s=0.0, sys_s=1.0)
    )
    assert summary.cpu_s == {0: 0.75, 1: 1.0}


def test_a_failed_sample_takes_nothing_from_the_others() -> None:
    (summary,) = summaries(
        samples.failed_row("io_async", "boom", "case 06"),
        samples.row("io_async", wall_s=0.4),
    )
    assert summary.successes == 1
    assert summary.value("wall_s") == 0.4
    assert summary.error == "boom"
    assert summary.number == "06"


def test_aggregates_are_no_samples() -> None:
    aggregate = samples.row("io_async_mean") | {"run_name": "io_async", "run_type": "aggregate"}
    (summary,) = summaries(samples.row("io_async"), aggregate)
    assert summary.successes == 1


def test_a_name_tells_case_workload_model_and_arguments() -> None:
    (summary,) = summaries(samples.row("mixed_async_thread_pool/workers:6/fetches:30/real_time"))
    assert summary.case == "mixed_async_thread_pool"
    assert summary.workload == "mixed"
    assert summary.model == "async_thread_pool"
    assert summary.arguments == {"workers": "6", "fetches": "30"}
    assert summary.workers == 6
    assert summaries(samples.row("io_async/real_time"))[0].workers is None


def test_traits_come_from_the_context_and_not_from_the_name() -> None:
    known, unknown = summaries(samples.row("io_threads"), samples.row("io_mine"))
    assert known.traits == Traits(Workers.PER_JOB, EventLoop.ABSENT)
    assert unknown.traits is None
    rows = parse(samples.text(samples.row("io_mine")), "x").rows
    models: Json = {"mine": {"workers": "bounded", "event_loop": "kept_free"}}
    (mine,) = summarise(rows, {"execution_models": models})
    assert mine.traits == Traits(Workers.BOUNDED, EventLoop.KEPT_FREE)
    (odd,) = summarise(rows, {"execution_models": {"mine": {"workers": "some"}}})
    assert odd.traits is None
