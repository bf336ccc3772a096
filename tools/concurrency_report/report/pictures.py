"""The report's pictures: each a Vega-Lite chart, its caption and the table of what it shows.

Colours come from the theme (see themes.py), so that a page can change from light to dark; a chart
names what it shows and never a colour.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from ..crossing import Crossing, crossings
from ..estimate import estimate
from ..machine_results import TOTAL_PSS, MachineResults
from ..plain_text import one_line
from ..published import PublishedMachine
from ..summary import CaseSummary
from ..sweep import sweeps
from ..table import in_order
from .timeline import Doing, Timeline, timeline_of

Record = Mapping[str, Any]

_ROW_PX = 20
_LANE_PX = 7
_FEWEST_PX_OF_LANE = 14
_PLOT_PX = 260
_MOST_NAMED_LANES = 8
NEUTRAL = "#808080"  # seen on light and on dark ground


@dataclass(frozen=True)
class Picture:
    """`name` is its file's, and its place in the page; unique within a report. `records` are what
    is drawn, a row each, for the table: the keys are the table's headers."""

    name: str
    title: str
    caption: str
    chart: alt.Chart | alt.LayerChart | alt.FacetChart
    records: Sequence[Record]

    @property
    def headers(self) -> Sequence[str]:
        return list(self.records[0]) if self.records else []

    @property
    def rows(self) -> Sequence[Sequence[Any]]:
        return [list(record.values()) for record in self.records]


def overview(machine: MachineResults, prefix: str) -> list[Picture]:
    """What the cases took: wall time, CPU time, memory."""
    cases = [case for case in in_order(machine.cases) if case.successes]
    if not cases:
        return []
    pictures = [_walls(cases, prefix), _cpu(cases, prefix)]
    if any(case.value("max_rss_kb") is not None for case in cases):
        pictures.append(_memory(cases, prefix))
    return pictures


def against_workers(machine: MachineResults, prefix: str) -> list[Picture]:
    """Wall and CPU time of pools of several sizes, a picture a workload."""
    by_workload: dict[str, list[CaseSummary]] = {}
    for sweep in sweeps([*machine.claims, *machine.cases]).values():
        if len(sweep) > 1 and sweep[0].workload in ("io", "cpu", "mixed", "blocking"):
            by_workload.setdefault(sweep[0].workload, []).extend(sweep)
    return [_sweep(workload, runs, machine.cores, prefix) for workload, runs in by_workload.items()]


def against_tasks(machine: MachineResults, prefix: str) -> list[Picture]:
    """Where async overtakes a thread pool as tasks become more."""
    found = crossings(machine.claims)
    return [_crossings(found, prefix)] if found else []


def timelines(machine: MachineResults, prefix: str) -> list[Picture]:
    """One a case, those of a workload on a common axis, so that lengths compare."""
    read = {
        case.name: timeline_of(machine.traces[case.name], f"the timeline of {case.case}")
        for case in in_order(machine.cases)
        if case.name in machine.traces
    }
    ends: dict[str, float] = {}
    cases = [case for case in in_order(machine.cases) if case.name in read]
    for case in cases:
        ends[case.workload] = max(ends.get(case.workload, 0), read[case.name].end_ms)
    return [
        _timeline(case, read[case.name], ends[case.workload], prefix)
        for case in cases
        if read[case.name].bars
    ]


def published_walls(machines: Sequence[PublishedMachine]) -> Picture:
    """The published study's wall times, by themselves."""
    records = [
        {
            # Without its workers, which differ: a case is one row for all machines.
            "case": f"{case.number} {case.case}",
            "machine": machine.name,
            "workers": "" if case.workers is None else case.workers,
            "wall s": _rounded(case.value("wall_s") or 0),
        }
        for machine in machines
        for case in machine.cases
    ]
    chart = (
        alt.Chart(inline(records))
        .mark_point(filled=True, size=70, opacity=1)
        .encode(
            x=alt.X("wall s:Q", title="wall time, s"),
            y=_cases_axis(records),
            color=alt.Color("machine:N", title=None, sort=None),
            shape=alt.Shape("machine:N", title=None, sort=None),
            tooltip=["case:N", "machine:N", "workers:N", "wall s:Q"],
        )
        .properties(height=_ROW_PX * len({record["case"] for record in records}))
    )
    return Picture(
        name="published-wall",
        title="Wall time, as published for Python",
        caption="The original study's figures: one sample a case, over the internet.",
        chart=chart,
        records=records,
    )


def label(case: CaseSummary) -> str:
    """A case on an axis: its number, its name, its workers."""
    number = f"{case.number} " if case.number else ""
    workers = f" ({case.workers})" if case.workers is not None else ""
    return f"{number}{case.case}{workers}"


def _walls(cases: Sequence[CaseSummary], prefix: str) -> Picture:
    records = []
    for case in cases:
        found = case.estimate("wall_s")
        if found is not None:
            records.append(
                {
                    "case": label(case),
                    "workload": case.workload,
                    "wall s": _rounded(found.value),
                    "from": _rounded(found.low),
                    "to": _rounded(found.high),
                }
            )
    base = alt.Chart(inline(records)).encode(y=_cases_axis(records), color=_workload_colour())
    bars = base.mark_bar(opacity=0.35, height=alt.RelativeBandSize(band=0.7)).encode(
        x=alt.X("wall s:Q", title="wall time, s"),
        tooltip=["case:N", "wall s:Q", "from:Q", "to:Q"],
    )
    intervals = base.mark_rule(strokeWidth=3).encode(
        x=alt.X("from:Q", title="wall time, s"), x2="to:Q"
    )
    points = base.mark_point(filled=True, size=45, opacity=1).encode(
        x=alt.X("wall s:Q", title="wall time, s")
    )
    return Picture(
        name=f"{prefix}wall",
        title="Wall time",
        caption="Medians; the thick lines are their confidence intervals, mostly narrower than the "
        "dot. Colours tell the workloads apart.",
        chart=alt.layer(bars, intervals, points).properties(height=_ROW_PX * len(records)),
        records=records,
    )


def _cpu(cases: Sequence[CaseSummary], prefix: str) -> Picture:
    records = [
        {"case": label(case), "time": kind, "s": _rounded(value)}
        for case in cases
        for kind, figure in (("user", "user_s"), ("kernel", "sys_s"))
        if (value := case.value(figure)) is not None
    ]
    chart = (
        alt.Chart(inline(records))
        .mark_bar(height=alt.RelativeBandSize(band=0.7))
        .encode(
            x=alt.X("sum(s):Q", title="CPU time, s"),
            y=_cases_axis(records),
            color=alt.Color("time:N", title=None, sort=["user", "kernel"]),
            order=alt.Order("time:N", sort="descending"),
            tooltip=["case:N", "time:N", "s:Q"],
        )
        .properties(height=_ROW_PX * len({record["case"] for record in records}))
    )
    return Picture(
        name=f"{prefix}cpu",
        title="CPU time",
        caption="In user mode and in the kernel, of all processes of the case, for one run.",
        chart=chart,
        records=records,
    )


def _memory(cases: Sequence[CaseSummary], prefix: str) -> Picture:
    kinds = (("largest process", "max_rss_kb"), ("all processes", TOTAL_PSS))
    records = [
        {"case": label(case), "of": kind, "MiB": round(value / 1024, 2)}
        for case in cases
        for kind, figure in kinds
        if (value := case.value(figure)) is not None
    ]
    chart = (
        alt.Chart(inline(records))
        .mark_point(filled=True, size=70, opacity=1)
        .encode(
            x=alt.X("MiB:Q", title="peak memory, MiB"),
            y=_cases_axis(records),
            color=alt.Color("of:N", title=None),
            shape=alt.Shape("of:N", title=None),
            tooltip=["case:N", "of:N", "MiB:Q"],
        )
        .properties(height=_ROW_PX * len({record["case"] for record in records}))
    )
    return Picture(
        name=f"{prefix}memory",
        title="Memory",
        caption="The resident set of the largest process, and the proportional set sizes of all "
        "processes together, in which pages that are shared with other programs count in part.",
        chart=chart,
        records=records,
    )


def _sweep(workload: str, runs: Sequence[CaseSummary], cores: int, prefix: str) -> Picture:
    records = []
    for run in runs:
        cpu_s = run.cpu_s
        for kind, values in (("wall", run.of("wall_s")), ("CPU", cpu_s)):
            found = estimate(values.values())
            if found is not None:
                records.append(
                    {
                        "model": run.model,
                        "time": kind,
                        "workers": run.workers or 0,
                        "s": _rounded(found.value),
                        "from": _rounded(found.low),
                        "to": _rounded(found.high),
                    }
                )
    counts = sorted({run.workers or 0 for run in runs})
    base = alt.Chart(inline(records)).encode(
        x=alt.X(
            "workers:Q",
            scale=alt.Scale(type="log", base=2),
            axis=alt.Axis(values=counts, format="d"),
            title="workers",
        ),
        color=alt.Color("model:N", title=None),
    )
    height = alt.Y("s:Q", title="s", scale=alt.Scale(zero=True))
    lines = base.mark_line().encode(
        y=height,
        strokeDash=alt.StrokeDash(
            "time:N",
            title=None,
            sort=["wall", "CPU"],
            legend=alt.Legend(symbolType="stroke", symbolStrokeColor=NEUTRAL),
        ),
    )
    points = base.mark_point(filled=True, size=45, opacity=1).encode(
        y=height,
        detail="time:N",
        tooltip=["model:N", "time:N", "workers:Q", "s:Q", "from:Q", "to:Q"],
    )
    intervals = base.mark_rule(opacity=0.6).encode(
        y=alt.Y("from:Q", title="s"), y2="to:Q", detail="time:N"
    )
    at_cores = (
        alt.Chart(inline([{"workers": cores, "what": f"{cores} cores"}]))
        .mark_rule(strokeDash=[2, 4], strokeWidth=1.5)
        .encode(x="workers:Q", tooltip=["what:N"])
    )
    return Picture(
        name=f"{prefix}workers-{workload}",
        title=f"Workers for {workload}",
        caption="Wall time and CPU time against the number of workers; the dotted line stands at "
        f"the number of cores, {cores}.",
        chart=alt.layer(at_cores, intervals, lines, points).properties(height=_PLOT_PX),
        records=records,
    )


def _crossings(found: Sequence[Crossing], prefix: str) -> Picture:
    records = [
        {
            "mean wait": f"{each.mean_latency_ms:g} ms",
            "tasks": tasks,
            "times as fast": round(gain.value, 3),
            "from": round(gain.low, 3),
            "to": round(gain.high, 3),
        }
        for each in found
        for tasks, gain in each.gains.items()
    ]
    base = alt.Chart(inline(records)).encode(
        x=alt.X(
            "tasks:Q",
            scale=alt.Scale(type="log"),
            axis=alt.Axis(values=sorted({int(str(r["tasks"])) for r in records}), format="d"),
            title="tasks",
        ),
        color=alt.Color("mean wait:N", title="mean wait"),
    )
    gain = alt.Y("times as fast:Q", title="async, times as fast as the thread pool")
    lines = base.mark_line().encode(y=gain)
    points = base.mark_point(filled=True, size=60, opacity=1).encode(
        y=gain,
        shape=alt.Shape("mean wait:N", legend=None),
        tooltip=["mean wait:N", "tasks:Q", "times as fast:Q", "from:Q", "to:Q"],
    )
    even = (
        alt.Chart(inline([{"even": 1}]))
        .mark_rule(strokeDash=[2, 4], strokeWidth=1.5)
        .encode(y="even:Q")
    )
    workers = sorted({each.workers for each in found})
    return Picture(
        name=f"{prefix}tasks",
        title="A thread pool or async, by the number of tasks",
        caption=f"A pool of {' or '.join(map(str, workers))} threads against one event loop. Above "
        "the dotted line async is faster, below it the pool.",
        chart=alt.layer(even, lines, points).properties(height=_PLOT_PX),
        records=records,
    )


def _timeline(case: CaseSummary, timeline: Timeline, end_ms: float, prefix: str) -> Picture:
    records = [
        {
            "lane": bar.lane,
            "who": bar.who,
            "job": bar.job,
            "doing": bar.doing.value,
            "from ms": round(bar.start_ms, 3),
            "to ms": round(bar.end_ms, 3),
            "what": f"{bar.what} (failed)" if bar.failed else bar.what,
        }
        for bar in timeline.bars
    ]
    named = len(set(timeline.lanes)) == len(timeline.lanes) <= _MOST_NAMED_LANES
    lane_px = _FEWEST_PX_OF_LANE if len(timeline.lanes) <= _MOST_NAMED_LANES else _LANE_PX
    # Whatever they hold, these are texts in Vega's expressions, too.
    names = json.dumps([one_line(name) for name in timeline.lanes])
    axis = alt.Axis(labelExpr=f"{names}[datum.value]", ticks=False) if named else None
    base = alt.Chart(inline(records)).encode(
        x=alt.X("from ms:Q", title="ms", scale=alt.Scale(domain=[0, round(end_ms, 1)])),
        x2="to ms:Q",
        y=alt.Y("lane:O", title=None, axis=axis),
        color=alt.Color(
            "doing:N",
            title=None,
            scale=alt.Scale(domain=[each.value for each in Doing], range="ordinal"),
        ),
        tooltip=["job:Q", "who:N", "doing:N", "from ms:Q", "to ms:Q", "what:N"],
    )
    # Thin and thick, so that working is told from waiting without colours, too.
    is_working = f"datum.doing == '{Doing.WORKING.value}'"
    waiting = base.transform_filter(f"!({is_working})").mark_bar(
        height=alt.RelativeBandSize(band=0.45)
    )
    working = base.transform_filter(is_working).mark_bar(height=alt.RelativeBandSize(band=0.95))
    return Picture(
        name=f"{prefix}timeline-{case.case}",
        title=label(case),
        caption=_who_there_is(timeline),
        chart=alt.layer(waiting, working).properties(height=lane_px * len(timeline.lanes)),
        records=records,
    )


def _who_there_is(timeline: Timeline) -> str:
    """ "1 event loop, 6 workers": what the rows are."""
    names = dict.fromkeys(timeline.lanes)
    loops = [name for name in names if "loop" in name]
    others = [name for name in names if "loop" not in name]
    parts = []
    if loops:
        requests = sum("loop" in name for name in timeline.lanes)
        plural = "s" if len(loops) > 1 else ""
        parts.append(f"{len(loops)} event loop{plural}, a row for each of its {requests} jobs")
    if others == ["main thread"]:
        parts.append("the main thread alone")
    elif others:
        parts.append(f"{len(others)} worker{'' if len(others) == 1 else 's'}, a row each")
    text = "; ".join(parts)
    if timeline.left_out:
        text += f"; {timeline.left_out} more jobs are not drawn"
    return f"{text[:1].upper()}{text[1:]}."


def _cases_axis(records: Iterable[Record]) -> alt.Y:
    order = list(dict.fromkeys(str(record["case"]) for record in records))
    return alt.Y("case:N", title=None, sort=order, axis=alt.Axis(labelLimit=260))


def _workload_colour() -> alt.Color:
    return alt.Color("workload:N", title=None, sort=None, legend=None)


def inline(records: Sequence[Record]) -> alt.InlineData:
    return alt.InlineData(values=[dict(record) for record in records])


def _rounded(seconds: float) -> float:
    """To microseconds: a page need not carry more."""
    return round(seconds, 6)


def spec_of(picture: Picture) -> dict[str, Any]:
    """Vega-Lite, to be drawn as wide as its place in a page."""
    return plain_spec(picture, width="container")


def plain_spec(picture: Picture, width: int | str) -> dict[str, Any]:
    """Without control characters in its texts: they break the expressions that Vega-Lite puts some
    into, and make the converter to SVG, which they are not allowed in, end the process."""
    return {
        key: _plain(value) for key, value in picture.chart.properties(width=width).to_dict().items()
    }


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return value
