"""A comparison as a table in the terminal, as Markdown, as JSON, and as a page."""

from __future__ import annotations

import io
from collections.abc import Sequence
from itertools import groupby

import altair as alt
from rich.console import Console
from rich.table import Table

from ..plain_text import one_line
from ..report.page import as_page
from ..report.pictures import NEUTRAL, Picture
from ..report.templates import environment
from .comparison import WORDS, Comparison, Row, percent
from .decision import Verdict
from .sampling import METRICS

HEADERS = ("case", *(metric.title for metric in METRICS), "pairs", "verdict")
_WIDE = 200
_ROW_PX = 20


def as_text(found: Comparison) -> str:
    out = io.StringIO()
    console = Console(file=out, width=_WIDE, highlight=False, soft_wrap=True)
    parts = [f"{found.head} against {found.base}", found.machine, found.summary, *found.notes]
    if found.rows:
        table = Table(box=None, pad_edge=False, header_style="")
        for place, header in enumerate(HEADERS):
            table.add_column(
                header, justify="right" if 0 < place < len(HEADERS) - 1 else "left", no_wrap=True
            )
        for line in lines(found):
            table.add_row(*map(one_line, line))
        console.print(table)
        console.print()
    for part in parts:
        console.print(one_line(part), markup=False)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def as_markdown(found: Comparison) -> str:
    template = environment("md").get_template("regress.md.j2")
    return template.render(found=found, headers=HEADERS, lines=lines(found)).strip() + "\n"


def as_html(found: Comparison) -> str:
    pictures = [
        _picture(metric.title, [row for row in found.rows if row.metric == metric.title])
        for metric in METRICS
        if any(row.metric == metric.title and row.change is not None for row in found.rows)
    ]
    return as_page("regress.html.j2", pictures, found=found)


def lines(found: Comparison) -> list[tuple[str, ...]]:
    """The cells of a case, by HEADERS."""
    return [_line(case, list(rows)) for case, rows in groupby(found.rows, key=lambda row: row.case)]


def _line(case: str, rows: Sequence[Row]) -> tuple[str, ...]:
    cells = {row.metric: _cell(row) for row in rows}
    return (
        case,
        *(cells.get(metric.title, "-") for metric in METRICS),
        str(max(row.pairs for row in rows)),
        _verdict(rows),
    )


def _cell(row: Row) -> str:
    if row.change is None:
        return "-"
    return f"{percent(row.change)} ({percent(row.low)} to {percent(row.high)})".replace(
        " % to", " to"
    )


def _verdict(rows: Sequence[Row]) -> str:
    """What is out of the ordinary by name; otherwise that there is nothing."""
    parts = []
    for verdict in (Verdict.REGRESSED, Verdict.IMPROVED, Verdict.CANT_TELL, Verdict.ABSENT):
        metrics = [row.metric for row in rows if row.verdict is verdict]
        if len(metrics) == len(rows):
            return WORDS[verdict]
        if metrics:
            parts.append(f"{WORDS[verdict]}: {', '.join(metrics)}")
    return "; ".join(parts) or WORDS[Verdict.NO_CHANGE]


def _picture(metric: str, rows: Sequence[Row]) -> Picture:
    records = [
        {
            "case": row.case,
            "change %": _rounded(row.change),
            "from": _rounded(row.low),
            "to": _rounded(row.high),
            "threshold %": _rounded(row.threshold),
            "pairs": row.pairs,
            "verdict": WORDS[row.verdict],
        }
        for row in rows
        if row.change is not None
    ]
    base = alt.Chart(alt.InlineData(values=records)).encode(
        y=alt.Y(
            "case:N",
            title=None,
            sort=[str(each["case"]) for each in records],
            axis=alt.Axis(labelLimit=260),
        ),
        # All of them, so that each has the same colour in all pictures.
        color=alt.Color(
            "verdict:N", title=None, scale=alt.Scale(domain=[WORDS[each] for each in _COLOURED])
        ),
        tooltip=[f"{header}:N" for header in records[0]],
    )
    title = f"{metric}, change in %"
    intervals = base.mark_rule(strokeWidth=3).encode(x=alt.X("from:Q", title=title), x2="to:Q")
    points = base.mark_point(filled=True, size=45, opacity=1).encode(
        x=alt.X("change %:Q", title=title)
    )
    zero = alt.Chart(alt.InlineData(values=[{"zero": 0}])).mark_rule().encode(x="zero:Q")
    thresholds = [
        base.transform_calculate(at=f"{sign} datum['threshold %']")
        .mark_tick(thickness=1.5)
        .encode(x="at:Q", color=alt.value(NEUTRAL))
        for sign in ("+", "-")
    ]
    return Picture(
        name=metric.replace(" ", "-").lower(),
        title=f"Change in {metric}",
        caption="Head to base: estimates and their 95 % intervals; grey marks are the thresholds.",
        chart=alt.layer(zero, *thresholds, intervals, points).properties(
            height=_ROW_PX * len(records)
        ),
        records=records,
    )


_COLOURED = (
    *(Verdict.NO_CHANGE, Verdict.REGRESSED, Verdict.IMPROVED),
    *(Verdict.CANT_TELL, Verdict.ABSENT),
)


def _rounded(change: float | None) -> float | None:
    return None if change is None else round(100 * change, 2)
