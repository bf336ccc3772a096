"""Results files of one commit after another, as a history is made of."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from concurrency_report.history.measured import Measured, measured
from concurrency_report.results import parse

from . import samples


def results(
    day: int, walls: Mapping[str, Sequence[float]], *more: dict[str, Any], **context: Any
) -> dict[str, Any]:
    """The case's wall times of samples, as measured on this day of January 2026 of the commit that
    has the day's number for a digit, forty times over."""
    rows = [
        samples.row(case, wall_s=wall) | {"repetition_index": place}
        for case, found in walls.items()
        for place, wall in enumerate(found)
    ]
    document = samples.document(*rows, *more)
    document["context"] |= {
        "date": f"2026-01-{day:02}T12:00:00+01:00",
        "git_commit": f"{day:02}" * 20,
        "cpu_model": "A processor",
        "fibonacci": "32:38:3",
        **context,
    }
    return document


def kept(document: Mapping[str, Any]) -> Measured:
    return measured(parse(json.dumps(document), "x"), "x")


def write(document: Mapping[str, Any], path: Path) -> str:
    path.write_text(json.dumps(document), encoding="utf-8")
    return str(path)
