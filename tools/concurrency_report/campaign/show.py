"""What the campaign's runs come to, as files: a summary in Markdown, each run and case as CSV."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..regress.comparison import percent
from ..report.templates import escaped_for_markdown as shown
from ..whole_file import write_text
from .found import TIMES, Found, counts, reasons, red_cases, undecided

_UNKNOWN = 3


def as_markdown(what: Mapping[str, Any], found: Sequence[Found]) -> str:
    machines = {run["machine"]: None for each in found for run in each.runs}
    lines = [
        f"Commit {shown(what['commit'])}; a run takes {what['minutes']:g} min unless said "
        "otherwise.",
        *("", *(f"Machine: {shown(machine)}." for machine in machines), ""),
        *(_table(found), *_disturbed(found), *_power(found)),
    ]
    false = [
        f"- {each.part.title}, run {run['run']}: {shown(', '.join(sorted(red_cases(run))))}"
        for each in found
        for run in each.false_alarms
    ]
    if false:
        lines += ["", "False alarms:", "", *false]
    return "\n".join(lines) + "\n"


def _table(found: Sequence[Found]) -> str:
    lines = [
        "| compared | runs | red | green | can't tell | hits | naming all | rows not told | wanted "
        "| holds |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---|---|",
    ]
    for each in found:
        statuses = each.statuses
        hits = (each.hits, each.hits_of_all) if each.part.cases else ("-", "-")
        holds = {True: "yes", False: "no", None: "too few runs yet"}[each.holds]
        lines.append(
            f"| {each.part.title} | {len(each.counted)} | {statuses[1]} | {statuses[0]} | "
            f"{statuses[_UNKNOWN]} | {hits[0]} | {hits[1]} | {each.undecided:.1%} | "
            f"{each.part.wanted} | {holds} |"
        )
    return "\n".join(lines)


def _disturbed(found: Sequence[Found]) -> list[str]:
    """What was in the way: pairs that were dropped, and why runs could not tell."""
    lines = []
    for each in found:
        taken = sum(run["pairs_taken"] for run in each.runs)
        dropped = "".join(f"; {many} × {shown(why)}" for why, many in each.dropped.items())
        total = each.dropped.total()
        lines.append(f"- {each.part.title}: {total} of {taken + total}{dropped}")
    lines = ["", "Pairs dropped as disturbed:", "", *lines]
    other = [
        f"- {each.part.title}: {len(each.not_counted)} of {len(each.runs)}, "
        f"{sum(run['exit_status'] == 1 for run in each.not_counted)} of them red"
        for each in found
        if each.not_counted
    ]
    if other:
        lines += ["", "Runs that do not count:", "", *other]
    unknown = [
        f"- {each.part.title}, {many} of {len(each.counted)} runs: {shown(reason)}"
        for each in found
        for reason, many in Counter(
            reasons(run) for run in each.counted if run["exit_status"] == _UNKNOWN
        ).items()
    ]
    return [*lines, *(["", "Why runs could not tell:", "", *unknown] if unknown else [])]


def _power(found: Sequence[Found]) -> list[str]:
    lines = []
    for each in found:
        if not each.part.cases:
            continue
        lines += [
            "",
            f"Power, {each.part.title}: runs in which each was red, and the median of all runs' "
            "estimates.",
            "",
            f"| case | {' | '.join(TIMES)} | {' or '.join(TIMES)} | runs | "
            f"{' | '.join(f'{metric} changed' for metric in TIMES)} |",
            "|---|---:|---:|---:|---:|---:|---:|",
        ]
        lines += [
            f"| {shown(power.case)} | {' | '.join(str(power.by_metric.get(m, 0)) for m in TIMES)} "
            f"| {power.either_time} | {power.runs} "
            f"| {' | '.join(percent(power.changes.get(m)) for m in TIMES)} |"
            for power in each.power
            if each.is_slower(power.case)
        ]
    return lines


def write_summary(what: Mapping[str, Any], found: Sequence[Found], folder: Path) -> str:
    """summary.md, whose text is returned, runs.csv and cases.csv."""
    folder.mkdir(parents=True, exist_ok=True)
    text = as_markdown(what, found)
    write_text(folder / "summary.md", text)
    runs = [
        (
            *(each.part.name, run["run"], "yes" if counts(each.part, run) else "no"),
            *(run["exit_status"], len(run["rows"]), undecided(run)),
            *(run["pairs_taken"], sum(run["pairs_dropped"].values()), run["minutes"]),
        )
        for each in found
        for run in each.runs
    ]
    head = (
        *("part", "run", "counted", "exit_status", "rows", "undecided"),
        *("pairs_taken", "pairs_dropped", "minutes"),
    )
    write_text(folder / "runs.csv", _csv(head, runs))
    head_of_cases = ("part", "case", "metric", "red", "runs", "median_change")
    cases = [
        (each.part.name, power.case, metric, red, power.runs, _digits(power.changes[metric]))
        for each in found
        for power in each.power
        for metric, red in power.by_metric.items()
    ]
    write_text(folder / "cases.csv", _csv(head_of_cases, cases))
    return text


def _digits(change: float | None) -> str:
    return "" if change is None else f"{change:.4f}"


def _csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return out.getvalue()
