from __future__ import annotations

from typing import Any

from concurrency_report.results import parse
from concurrency_report.summary import CaseSummary, summarise
from concurrency_report.table import as_text, groups, headers
from concurrency_report.verdicts import Mark, Verdict

from . import samples


def summaries(*rows: dict[str, Any]) -> list[CaseSummary]:
    document = parse(samples.text(*rows), "x")
    return summarise(document.rows, document.context)


def repeated(name: str, *walls: float) -> list[dict[str, Any]]:
    return [samples.row(name, wall_s=wall) for wall in walls]


def first_cells(table: list[CaseSummary]) -> list[tuple[str, list[str]]]:
    return [(workload, [cells[0] for cells in rows]) for workload, rows in groups(table, {})]


def column(table: list[CaseSummary], header: str) -> list[str]:
    place = headers(table).index(header)
    return [cells[place] for _, rows in groups(table, {}) for cells in rows]


def test_workloads_stand_together_in_the_study_s_order() -> None:
    table = summaries(
        samples.row("cpu_threads", "case 09"),
        samples.row("io_thread_pool/workers:6/real_time", "case 04"),
        samples.row("cpu_sequential", "case 08"),
        samples.row("io_sequential", "case 01"),
    )
    assert first_cells(table) == [
        ("io", ["01 io_sequential", "04 io_thread_pool"]),
        ("cpu", ["08 cpu_sequential", "09 cpu_threads"]),
    ]


def test_the_sequential_case_comes_first_without_numbers_too() -> None:
    table = summaries(samples.row("cpu_async"), samples.row("cpu_sequential"))
    assert first_cells(table) == [("cpu", ["cpu_sequential", "cpu_async"])]


def test_a_case_that_failed_stays_with_its_workload_and_says_why() -> None:
    table = summaries(
        samples.failed_row("io_async", "boom"),
        samples.row("io_sequential", "case 01"),
        samples.row("cpu_sequential", "case 08"),
    )
    assert first_cells(table)[0] == ("io", ["01 io_sequential", "io_async"])
    cells = dict(zip(headers(table), groups(table, {})[0][1][1], strict=True))
    assert cells["wall s"] == "failed"
    assert cells["user s"] == "-"
    assert cells["comment"] == "boom"


def test_the_interval_has_a_column_only_where_cases_were_repeated() -> None:
    once = [samples.row("io_async")]
    assert not any("interval" in header for header in headers(summaries(*once)))
    table = summaries(*repeated("io_async", 0.5, 0.1, 0.2, 0.4, 0.3, 0.7, 0.6))
    assert column(table, "98% interval") == ["0.100 to 0.700"]
    assert column(table, "wall s") == ["0.400"]


def test_intervals_of_several_levels_say_theirs() -> None:
    table = summaries(*repeated("io_async", 0.1, 0.2), *repeated("io_threads", 0.3, 0.4, 0.5))
    assert column(table, "interval (level)") == ["0.100 to 0.200 (50%)", "0.300 to 0.500 (75%)"]


def test_total_memory_has_a_column_only_where_it_was_measured() -> None:
    table = summaries(samples.row("io_async"), samples.row("io_threads"))
    assert "total kB" not in headers(table)
    table[0] = table[0].with_figure("total_pss_kb", {0: 54321.4})
    assert column(table, "total kB") == ["54 321", "-"]


def test_context_switches_are_both_kinds_together() -> None:
    assert column(summaries(samples.row("io_async")), "switches") == ["33"]


def test_verdicts_stand_in_their_columns() -> None:
    table = summaries(samples.row("io_async"))
    verdicts = {"io_async": Verdict(Mark.GOOD, "nothing is as fast for less")}
    cells = dict(zip(headers(table), groups(table, verdicts)[0][1][0], strict=True))
    assert cells["result"] == "✅"
    assert cells["comment"] == "nothing is as fast for less"


def test_text_for_a_terminal() -> None:
    table = summaries(
        samples.row("io_sequential", "case 01", wall_s=0.5, cpu_pct=6.4),
        samples.row("io_pool/workers:6/real_time", "case 04", max_rss_kb=123456),
        samples.row("cpu_async", "case 08", user_s=11.27, cpu_pct=99.6),
    )
    verdicts = {"io_sequential": Verdict(Mark.POOR, "a comment is too long for a terminal")}
    assert as_text(table, verdicts) == (
        "case              workers  user s  kernel s  wall s  CPU %  max RSS kB  switches  result\n"
        "----------------  -------  ------  --------  ------  -----  ----------  --------  ------\n"
        "01 io_sequential            0.010     0.020   0.500      6      12 288        33       -\n"
        "04 io_pool              6   0.010     0.020   0.050     60     123 456        33\n"
        "\n"
        "08 cpu_async               11.270     0.020   0.050    100      12 288        33\n"
    )
