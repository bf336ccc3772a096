"""The history as a page: a picture for each case and metric, on each machine and build."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from ..bench import shown
from ..machine import short_commit
from ..report.content import as_name, unique
from ..report.page import as_page
from ..report.pictures import Picture, inline
from .summary import by_how_much, changes_by_commit, subtitle, title, verdict
from .trends import Change, ConfigurationTrends, Trend

_PLOT_PX = 130
_MOST_DRAWN = 5  # more of them would make the page slow


@dataclass(frozen=True)
class _Section:
    name: str
    title: str
    subtitle: str
    verdict: str
    changes: Sequence[tuple[str, Sequence[tuple[str, str, str]]]]
    pictures: Sequence[Picture]


def as_html(configurations: Sequence[ConfigurationTrends]) -> str:
    """Those measured last have pictures; of older ones stands there what changed."""
    sections = [
        _section(of, f"configuration-{number}", drawn=number <= _MOST_DRAWN)
        for number, of in enumerate(configurations, 1)
    ]
    pictures = [picture for section in sections for picture in section.pictures]
    return as_page("history.html.j2", pictures, sections=sections)


def _section(of: ConfigurationTrends, name: str, *, drawn: bool) -> _Section:
    trends = [trend for trend in of.trends if drawn and len(trend.points) > 1]
    names = unique([as_name(f"{shown(trend.case)} {trend.metric}") for trend in trends])
    return _Section(
        name=name,
        title=title(of),
        subtitle=subtitle(of),
        verdict=verdict(of),
        changes=[(commit, _cells(changes)) for commit, changes in changes_by_commit(of)],
        pictures=[
            _picture(trend, f"{name}-{each}") for trend, each in zip(trends, names, strict=True)
        ],
    )


def _cells(changes: Sequence[tuple[Trend, Change]]) -> list[tuple[str, str, str]]:
    return [
        (shown(trend.case), trend.metric, by_how_much(trend, change)) for trend, change in changes
    ]


def _picture(trend: Trend, name: str) -> Picture:
    changes = {change.index: change for change in trend.changes}
    records = [
        {
            "result": place + 1,
            "commit": short_commit(point.commit),
            "measured": point.date,
            "value": _short(point.value),
            "from": _short(point.low),
            "to": _short(point.high),
            "samples": point.samples,
            "change": by_how_much(trend, changes[place]) if place in changes else "",
        }
        for place, point in enumerate(trend.points)
    ]
    base = alt.Chart(inline(records)).encode(
        x=alt.X(
            "result:Q",
            title="results, oldest first",
            axis=alt.Axis(format="d", tickMinStep=1),
            scale=alt.Scale(domain=[1, len(records)], nice=False),
        )
    )

    def height(key: str) -> alt.Y:
        return alt.Y(
            f"{key}:Q",
            title=trend.metric,
            scale=alt.Scale(zero=False),
            axis=alt.Axis(format="~g"),
        )

    intervals = base.mark_rule(opacity=0.5, strokeWidth=2).encode(y=height("from"), y2="to:Q")
    line = base.mark_line(strokeWidth=1).encode(y=height("value"))
    points = base.mark_point(filled=True, size=40, opacity=1).encode(
        y=height("value"),
        tooltip=[
            alt.Tooltip(f"{key}:{kind}", title=heading)
            for key, kind, heading in (
                ("commit", "N", "commit"),
                ("measured", "N", "measured"),
                ("value", "Q", trend.metric),
                ("from", "Q", "from"),
                ("to", "Q", "to"),
                ("samples", "Q", "samples"),
            )
        ],
    )
    marks = (
        base.transform_filter("datum.change != ''")
        .mark_rule(strokeDash=[4, 3], strokeWidth=2)
        .encode(tooltip=["commit:N", "measured:N", "change:N"])
    )
    return Picture(
        name=name,
        title=f"{shown(trend.case)}: {trend.metric}",
        caption=_caption(trend.changes),
        chart=alt.layer(marks, intervals, line, points).properties(height=_PLOT_PX),
        records=records,
    )


def _caption(changes: Sequence[Change]) -> str:
    if not changes:
        return "No change."
    return f"{len(changes)} change{'' if len(changes) == 1 else 's'}, the dashed lines."


def _short(value: float) -> float:
    """A page need not carry more than a measurement can tell."""
    return float(f"{value:.6g}")
