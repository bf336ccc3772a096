"""A comparison as a table in the terminal and as Markdown."""

from __future__ import annotations

import io
from collections.abc import Sequence
from itertools import groupby

from rich.console import Console
from rich.table import Table

from ..plain_text import one_line
from .comparison import Comparison, Row
from .contest import Column

HEADERS = ("group", "ours", "theirs", *(column.value for column in Column), "targets")
DETAIL_HEADERS = ("group", "ours", "theirs", "figure", "ours", "theirs", "ratio", "target", "")
_WIDE = 200
_UNITS = (("s", 1), ("ms", 1e3), ("µs", 1e6))
_NUMBERS = frozenset(column.value for column in Column)


def as_text(found: Comparison) -> str:
    table = Table(box=None, pad_edge=False, header_style="")
    for header in HEADERS:
        table.add_column(header, justify="right" if header in _NUMBERS else "left", no_wrap=True)
    for line in lines(found):
        table.add_row(*map(one_line, line))
    out = io.StringIO()
    console = Console(file=out, width=_WIDE, highlight=False, soft_wrap=True, markup=False)
    console.print(one_line(found.machine))
    if found.rows:
        console.print(f"Ratios of ours to theirs, {found.rounds}:\n")
        console.print(table)
    console.print()
    for note in notes(found):
        console.print(one_line(note))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def as_markdown(found: Comparison) -> str:
    from ..report.templates import environment

    return (
        environment("md")
        .get_template("peers.md.j2")
        .render(
            found=found,
            headers=HEADERS,
            lines=lines(found),
            detail_headers=DETAIL_HEADERS,
            details=[_detail(row) for row in found.rows],
            notes=notes(found),
        )
        .strip()
        + "\n"
    )


def lines(found: Comparison) -> list[tuple[str, ...]]:
    """The cells of a contest, by HEADERS."""
    return [_line(list(rows)) for _, rows in groupby(found.rows, key=lambda row: id(row.contest))]


def notes(found: Comparison) -> list[str]:
    return [
        f"{found.summary}.",
        *(f"{contest.name} failed: {reason}" for contest, reason in found.failures),
        *(f"Left out of {each.group}: {each.text}" for each in found.missing),
        *([_versions(found)] if found.versions else []),
    ]


def _versions(found: Comparison) -> str:
    return f"Peers: {', '.join(f'{name} {version}' for name, version in found.versions.items())}."


def _line(rows: Sequence[Row]) -> tuple[str, ...]:
    contest = rows[0].contest
    ratios = {row.quantity.column: _number(row.ratio.value) for row in rows}
    asked = [
        f"{row.quantity.column.value} {row.quantity.asked}: {_answer(row)}"
        for row in rows
        if row.quantity.asked
    ]
    cells = (ratios.get(column, "-") for column in Column)
    return (contest.group, contest.ours.name, contest.theirs.name, *cells, ", ".join(asked))


def _detail(row: Row) -> tuple[str, ...]:
    unit, ratio = row.quantity.metric.key, row.ratio
    spread = f" ({_number(ratio.low)} to {_number(ratio.high)})" if ratio.samples > 1 else ""
    return (
        row.contest.group,
        row.contest.ours.name,
        row.contest.theirs.name,
        row.quantity.metric.title,
        _figure(row.ours.value, unit),
        _figure(row.theirs.value, unit),
        _number(ratio.value) + spread,
        row.quantity.asked,
        _answer(row),
    )


def _answer(row: Row) -> str:
    return {None: "", True: "reached", False: "missed"}[row.reached]


def _number(ratio: float) -> str:
    return f"{ratio:.3g}"


def _figure(value: float, key: str) -> str:
    """With its unit, which the key ends with."""
    if key.endswith("_per_second"):
        return f"{value:,.0f}/s".replace(",", " ")
    if key.endswith("_kb"):
        return f"{value:,.0f} KiB".replace(",", " ")
    unit, scale = next((each for each in _UNITS if value >= 1 / each[1]), _UNITS[-1])
    return f"{value * scale:.3g} {unit}"
