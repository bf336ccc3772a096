"""A results file against what every one must have, for the smoke run of continuous integration."""

from __future__ import annotations

import sys
from pathlib import Path

from .plain_text import one_line
from .results import Document, ResultsError, read

# What a row has whatever its workload, its model and the system are.
_ALWAYS = (
    *("user_s", "sys_s", "wall_s", "cpu_pct", "vol_ctx", "invol_ctx", "minor_faults"),
    *("major_faults", "processes", "threads", "job_p50_s", "job_p99_s", "job_max_s"),
)
_ON_LINUX = ("max_rss_kb",)


def check(path: Path, cases: int | None) -> int:
    try:
        document = read(path)
    except ResultsError as error:
        print(f"check: {one_line(str(error))}", file=sys.stderr)
        return 1
    flaws = find_flaws(document, cases)
    for flaw in flaws:
        print(one_line(f"check: {path}: {flaw}"), file=sys.stderr)
    if flaws:
        return 1
    count = len({row.case for row in document.rows})
    print(f"check: {path}: {count} cases, {len(document.rows)} rows, all sound")
    return 0


def find_flaws(document: Document, cases: int | None) -> list[str]:
    flaws = []
    linux = str(document.context.get("kernel")).startswith("Linux ")
    required = _ALWAYS + (_ON_LINUX if linux else ())
    for row in document.rows:
        if row.error is not None:
            flaws.append(f"{row.name} failed: {row.error}")
        elif not row.is_aggregate:
            absent = [key for key in required if key not in row.counters]
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
