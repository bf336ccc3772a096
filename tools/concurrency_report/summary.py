"""What the samples of a case come to: medians over its rounds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median

from .results import Row


@dataclass(frozen=True)
class CaseSummary:
    """One case; every figure is the median of the samples that have it, None where none has.

    `wall_spread_pct` is the distance from the fastest to the slowest sample in percent of the
    median. `samples` counts the successful ones: without any the case failed.
    """

    name: str
    case: str
    workload: str
    number: str | None
    workers: int | None
    samples: int
    user_s: float | None
    sys_s: float | None
    wall_s: float | None
    cpu_pct: float | None
    max_rss_kb: float | None
    wall_spread_pct: float | None
    error: str | None


def summarise(rows: Iterable[Row]) -> list[CaseSummary]:
    """One summary a case, in the order of first appearance; aggregates in the file are ignored."""
    by_name: dict[str, list[Row]] = {}
    for row in rows:
        if not row.is_aggregate:
            by_name.setdefault(row.name, []).append(row)
    return [_summarise_case(samples) for samples in by_name.values()]


def _summarise_case(samples: list[Row]) -> CaseSummary:
    good = [row for row in samples if row.error is None]
    # A failed sample may lack the label that the others have.
    number = next((row.number for row in samples if row.number is not None), None)

    def middle(figure: Callable[[Row], float | None]) -> float | None:
        values = [value for value in map(figure, good) if value is not None]
        return median(values) if values else None

    return CaseSummary(
        name=samples[0].name,
        case=samples[0].case,
        workload=samples[0].workload,
        number=number,
        workers=samples[0].workers,
        samples=len(good),
        user_s=middle(lambda row: row.counters.get("user_s")),
        sys_s=middle(lambda row: row.counters.get("sys_s")),
        wall_s=middle(lambda row: row.wall_s),
        cpu_pct=middle(lambda row: row.counters.get("cpu_pct")),
        max_rss_kb=middle(lambda row: row.counters.get("max_rss_kb")),
        wall_spread_pct=_spread_pct([row.wall_s for row in good if row.wall_s is not None]),
        error=next((row.error for row in samples if row.error is not None), None),
    )


def _spread_pct(walls_s: list[float]) -> float | None:
    if len(walls_s) < 2 or median(walls_s) <= 0:
        return None
    return 100 * (max(walls_s) - min(walls_s)) / median(walls_s)
