from __future__ import annotations

from typing import Any

from concurrency_report.results import parse
from concurrency_report.summary import CaseSummary, summarise
from concurrency_report.table import as_markdown, as_text, groups, headers

from . import samples


def summaries(*rows: dict[str, Any]) -> list[CaseSummary]:
    return summarise(parse(samples.text(*rows), "x").rows)


def test_figures_are_medians_over_the_samples_that_have_them() -> None:
    without_memory = samples.row("io_async", user_s=0.3, wall_s=0.3)
    del without_memory["max_rss_kb"]
    (summary,) = summaries(
        samples.row("io_async", user_s=0.1, wall_s=0.2, max_rss_kb=1000),
        without_memory,
        samples.row("io_async", user_s=0.2, wall_s=0.1, max_rss_kb=2000),
    )
    assert summary.samples == 3
    assert summary.user_s == 0.2
    assert summary.wall_s == 0.2
    assert summary.max_rss_kb == 1500
    assert summary.wall_spread_pct is not None
    assert round(summary.wall_spread_pct) == 100


def test_a_failed_sample_takes_nothing_from_the_others() -> None:
    (summary,) = summaries(
        samples.failed_row("io_async", "boom", "case 06"),
        samples.row("io_async", "case 06", wall_s=0.4),
    )
    assert summary.samples == 1
    assert summary.wall_s == 0.4
    assert summary.error == "boom"


def test_aggregates_are_no_samples() -> None:
    aggregate = samples.row("io_async_mean") | {"run_name": "io_async", "run_type": "aggregate"}
    (summary,) = summaries(samples.row("io_async"), aggregate)
    assert summary.samples == 1


def test_workloads_stand_together_in_the_study_s_order() -> None:
    table = summaries(
        samples.row("cpu_threads", "case 09"),
        samples.row("io_thread_pool/workers:6/real_time", "case 04"),
        samples.row("cpu_sequential", "case 08"),
        samples.row("io_sequential", "case 01"),
    )
    assert [(workload, [cells[0] for cells in rows]) for workload, rows in groups(table)] == [
        ("io", ["01 io_sequential", "04 io_thread_pool"]),
        ("cpu", ["08 cpu_sequential", "09 cpu_threads"]),
    ]


def test_the_sequential_case_comes_first_without_numbers_too() -> None:
    table = summaries(samples.row("cpu_async"), samples.row("cpu_sequential"))
    assert [cells[0] for cells in groups(table)[0][1]] == ["cpu_sequential", "cpu_async"]


def test_a_case_that_failed_stays_with_its_workload() -> None:
    table = summaries(
        samples.failed_row("io_async", "boom"),
        samples.row("io_sequential", "case 01"),
        samples.row("cpu_sequential", "case 08"),
    )
    assert [workload for workload, _ in groups(table)] == ["io", "cpu"]
    assert groups(table)[0][1][1] == ("io_async", "", "-", "-", "failed", "-", "-")


def test_the_spread_has_a_column_only_where_cases_were_repeated() -> None:
    once = [samples.row("io_async")]
    assert "spread %" not in headers(summaries(*once))
    assert "spread %" in headers(summaries(*once, *once))


def test_text_for_a_terminal() -> None:
    table = summaries(
        samples.row("io_sequential", "case 01", wall_s=0.5, cpu_pct=6.4),
        samples.row("io_thread_pool/workers:6/real_time", "case 04", max_rss_kb=123456),
        samples.row("cpu_sequential", "case 08", user_s=11.27, cpu_pct=99.6),
    )
    assert as_text(table) == (
        "case               workers  user s  kernel s  wall s  CPU %  max RSS kB\n"
        "-----------------  -------  ------  --------  ------  -----  ----------\n"
        "01 io_sequential             0.010     0.020   0.500      6      12 288\n"
        "04 io_thread_pool        6   0.010     0.020   0.050     60     123 456\n"
        "\n"
        "08 cpu_sequential           11.270     0.020   0.050    100      12 288\n"
    )


def test_markdown_has_a_table_a_workload() -> None:
    table = summaries(
        samples.row("io_sequential", "case 01"), samples.row("cpu_sequential", "case 08")
    )
    assert as_markdown(table) == (
        "### io\n\n"
        "| case              | workers | user s | kernel s | wall s | CPU % | max RSS kB |\n"
        "| ----------------- | ------: | -----: | -------: | -----: | ----: | ---------: |\n"
        "| 01 io_sequential  |         |  0.010 |    0.020 |  0.050 |    60 |     12 288 |\n"
        "\n### cpu\n\n"
        "| case              | workers | user s | kernel s | wall s | CPU % | max RSS kB |\n"
        "| ----------------- | ------: | -----: | -------: | -----: | ----: | ---------: |\n"
        "| 08 cpu_sequential |         |  0.010 |    0.020 |  0.050 |    60 |     12 288 |\n"
    )
