"""A results file against what every one must have, for the smoke run of continuous integration."""

from __future__ import annotations

import sys
from pathlib import Path

from .results import Document, ResultsError, read

# What a case has on every system; the others may be absent where the system cannot tell.
_ALWAYS = ("user_s", "sys_s", "wall_s", "cpu_pct")


def check(path: Path, cases: int | None) -> int:
    try:
        document = read(path)
    except ResultsError as error:
        print(f"check: {error}", file=sys.stderr)
        return 1
    flaws = find_flaws(document, cases)
    for flaw in flaws:
        print(f"check: {path}: {flaw}", file=sys.stderr)
    if flaws:
        return 1
    count = len({row.case for row in document.rows})
    print(f"check: {path}: {count} cases, {len(document.rows)} rows, all sound")
    return 0


def find_flaws(document: Document, cases: int | None) -> list[str]:
    flaws = []
    for row in document.rows:
        if row.error is not None:
            flaws.append(f"{row.name} failed: {row.error}")
        elif not row.is_aggregate:
            absent = [key for key in _ALWAYS if key not in row.counters]
            if absent:
                flaws.append(f"{row.name} lacks {', '.join(absent)}")
            flaws += [
                f"{row.name}: {key} is negative: {value}"
                for key, value in row.counters.items()
                if value < 0
            ]
    found = {row.case for row in document.rows}
    if cases is not None and len(found) != cases:
        flaws.append(f"has {len(found)} different cases, not {cases}: {', '.join(sorted(found))}")
    return flaws
