"""The study's table: a line a case, grouped by workload, the sequential case first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from .summary import CaseSummary

_HEADERS = ("case", "workers", "user s", "kernel s", "wall s", "CPU %", "max RSS kB")
_SPREAD = "spread %"
_ABSENT = "-"

Group = tuple[str, list[tuple[str, ...]]]


def headers(summaries: Iterable[CaseSummary]) -> tuple[str, ...]:
    """The spread has a column of its own where a case ran more than once."""
    repeated = any(summary.samples > 1 for summary in summaries)
    return (*_HEADERS, _SPREAD) if repeated else _HEADERS


def groups(summaries: Sequence[CaseSummary]) -> list[Group]:
    """The cells of the table by workload, workloads and cases in the study's order."""
    columns = len(headers(summaries))
    # Cases that the study does not number keep their order behind those that it does; the sort is
    # stable, and a workload stands where its first case does.
    ordered = sorted(summaries, key=lambda summary: summary.number or "~")
    first: dict[str, int] = {}
    for place, summary in enumerate(ordered):
        first.setdefault(summary.workload, place)
    ordered.sort(key=lambda summary: (first[summary.workload], not _is_sequential(summary)))
    return [
        (workload, [_cells(summary)[:columns] for summary in cases])
        for workload, cases in groupby(ordered, key=lambda summary: summary.workload)
    ]


def as_text(summaries: Sequence[CaseSummary]) -> str:
    """For a terminal: aligned columns, an empty line between workloads."""
    head = headers(summaries)
    grouped = groups(summaries)
    lines = [head, *(cells for _, rows in grouped for cells in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    out = [_aligned(head, widths), "  ".join("-" * width for width in widths)]
    for place, (_, rows) in enumerate(grouped):
        if place:
            out.append("")
        out.extend(_aligned(cells, widths) for cells in rows)
    return "\n".join(out) + "\n"


def as_markdown(summaries: Sequence[CaseSummary]) -> str:
    head = headers(summaries)
    grouped = groups(summaries)
    lines = [head, *(cells for _, rows in grouped for cells in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    out = []
    for workload, rows in grouped:
        out += [f"### {workload}", ""]
        out += [_piped(_padded(cells, widths)) for cells in (head, rule, *rows)]
        out.append("")
    return "\n".join(out)


def _is_sequential(summary: CaseSummary) -> bool:
    return summary.case == f"{summary.workload}_sequential"


def _cells(summary: CaseSummary) -> tuple[str, ...]:
    name = f"{summary.number} {summary.case}" if summary.number else summary.case
    wall = "failed" if summary.samples == 0 else _seconds(summary.wall_s)
    return (
        name,
        str(summary.workers) if summary.workers is not None else "",
        _seconds(summary.user_s),
        _seconds(summary.sys_s),
        wall,
        _whole(summary.cpu_pct),
        _whole(summary.max_rss_kb),
        _whole(summary.wall_spread_pct),
    )


def _seconds(value: float | None) -> str:
    return _ABSENT if value is None else f"{value:.3f}"


def _whole(value: float | None) -> str:
    return _ABSENT if value is None else f"{value:,.0f}".replace(",", " ")


def _padded(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    first, *rest = zip(cells, widths, strict=True)
    return [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest)]


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(_padded(cells, widths)).rstrip()


def _piped(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
