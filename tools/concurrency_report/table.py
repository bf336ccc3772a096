"""The study's table: a line a case, grouped by workload, the sequential case first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from .machine_results import TOTAL_PSS
from .plain_text import one_line
from .summary import CaseSummary
from .verdicts import Verdict, is_sequential

_ABSENT = "-"
_COMMENT = "comment"

Group = tuple[str, list[tuple[str, ...]]]


@dataclass(frozen=True)
class _Column:
    header: str
    cell: Callable[[CaseSummary, Verdict | None], str]


def headers(summaries: Sequence[CaseSummary]) -> tuple[str, ...]:
    return tuple(column.header for column in _columns(summaries))


def groups(summaries: Sequence[CaseSummary], verdicts: Mapping[str, Verdict]) -> list[Group]:
    """The cells of the table by workload, workloads and cases in the study's order."""
    columns = _columns(summaries)

    def cells(case: CaseSummary) -> tuple[str, ...]:
        return tuple(column.cell(case, verdicts.get(case.name)) for column in columns)

    return [
        (workload, [cells(case) for case in cases])
        for workload, cases in groupby(in_order(summaries), key=lambda summary: summary.workload)
    ]


def in_order(summaries: Sequence[CaseSummary]) -> list[CaseSummary]:
    """Workloads together, each where its first case stands, its sequential case first.

    Cases that the study does not number keep their order behind those that it does.
    """
    ordered = sorted(summaries, key=lambda summary: summary.number or "~")
    first: dict[str, int] = {}
    for place, summary in enumerate(ordered):
        first.setdefault(summary.workload, place)
    ordered.sort(key=lambda summary: (first[summary.workload], not is_sequential(summary)))
    return ordered


def as_text(summaries: Sequence[CaseSummary], verdicts: Mapping[str, Verdict]) -> str:
    """For a terminal: aligned columns, an empty line between workloads; no comments, which are too
    long for it."""
    head = headers(summaries)
    kept = [place for place, header in enumerate(head) if header != _COMMENT]
    grouped = groups(summaries, verdicts)
    grouped = [
        (workload, [tuple(map(one_line, row)) for row in rows]) for workload, rows in grouped
    ]
    lines = [head, *(cells for _, rows in grouped for cells in rows)]
    widths = {place: max(len(line[place]) for line in lines) for place in kept}

    def aligned(cells: Sequence[str]) -> str:
        return "  ".join(
            cells[place].rjust(width) if place else cells[place].ljust(width)
            for place, width in widths.items()
        ).rstrip()

    out = [aligned(head), "  ".join("-" * width for width in widths.values())]
    for place, (_, rows) in enumerate(grouped):
        if place:
            out.append("")
        out.extend(aligned(cells) for cells in rows)
    return "\n".join(out) + "\n"


def _columns(summaries: Sequence[CaseSummary]) -> list[_Column]:
    """Total memory and the interval have columns of their own where any case has them."""
    columns = [
        _Column("case", lambda case, _: f"{case.number} {case.case}" if case.number else case.case),
        _Column("workers", lambda case, _: "" if case.workers is None else str(case.workers)),
        _Column("user s", lambda case, _: _seconds(case.value("user_s"))),
        _Column("kernel s", lambda case, _: _seconds(case.value("sys_s"))),
        _Column("wall s", lambda case, _: _wall(case)),
        _Column("CPU %", lambda case, _: _whole(case.value("cpu_pct"))),
        _Column("max RSS kB", lambda case, _: _whole(case.value("max_rss_kb"))),
        _Column("switches", lambda case, _: _whole(_context_switches(case))),
        _Column(_COMMENT, lambda case, verdict: _comment(case, verdict)),
        _Column("result", lambda _, verdict: verdict.mark.value if verdict else ""),
    ]
    if any(case.successes > 1 for case in summaries):
        mixed = len(_levels(summaries)) > 1
        columns.insert(
            5,
            _Column(_interval_header(summaries), lambda case, _: _interval(case, with_level=mixed)),
        )
    if any(case.of(TOTAL_PSS) for case in summaries):
        place = [column.header for column in columns].index("max RSS kB") + 1
        columns.insert(place, _Column("total kB", lambda case, _: _whole(case.value(TOTAL_PSS))))
    return columns


def _wall(case: CaseSummary) -> str:
    return "failed" if case.successes == 0 else _seconds(case.value("wall_s"))


def _interval_header(summaries: Sequence[CaseSummary]) -> str:
    """Its level is said once if it is the same for all, which it is unless samples failed."""
    levels = _levels(summaries)
    return f"{levels.pop()} interval" if len(levels) == 1 else "interval (level)"


def _levels(summaries: Sequence[CaseSummary]) -> set[str]:
    found = (case.estimate("wall_s") for case in summaries)
    return {f"{each.level:.0%}" for each in found if each is not None and each.samples > 1}


def _interval(case: CaseSummary, *, with_level: bool) -> str:
    found = case.estimate("wall_s")
    if found is None or found.samples < 2:
        return _ABSENT
    level = f" ({found.level:.0%})" if with_level else ""
    return f"{found.low:.3f} to {found.high:.3f}{level}"


def _context_switches(case: CaseSummary) -> float | None:
    voluntary, involuntary = case.value("vol_ctx"), case.value("invol_ctx")
    return None if voluntary is None or involuntary is None else voluntary + involuntary


def _comment(case: CaseSummary, verdict: Verdict | None) -> str:
    if case.successes == 0:
        return case.error or "failed"
    return verdict.comment if verdict else ""


def _seconds(value: float | None) -> str:
    return _ABSENT if value is None else f"{value:.3f}"


def _whole(value: float | None) -> str:
    return _ABSENT if value is None else f"{value:,.0f}".replace(",", " ")
