"""A pool measured with several numbers of workers, and how many it needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .comparison import is_as_fast
from .summary import CaseSummary


def sweeps(cases: Iterable[CaseSummary]) -> dict[str, list[CaseSummary]]:
    """By the name of the case, fewest workers first. Failed ones are left out, and so are those
    that differ in more than their workers."""
    found: dict[str, dict[int, CaseSummary]] = {}
    for case in cases:
        workers = case.workers
        if workers is not None and len(case.arguments) == 1 and case.successes > 0:
            found.setdefault(case.case, {})[workers] = case
    return {name: [by_workers[n] for n in sorted(by_workers)] for name, by_workers in found.items()}


def fastest(cases: Iterable[CaseSummary]) -> CaseSummary | None:
    """By the median; of equals the first. None where nothing was measured."""
    walls = [(wall_s, case) for case in cases if (wall_s := case.value("wall_s")) is not None]
    return min(walls, key=lambda found: found[0])[1] if walls else None


def knee(sweep: Sequence[CaseSummary]) -> CaseSummary | None:
    """That with the fewest workers which is as fast as the fastest of the sweep within the noise:
    beyond it workers cost without a gain. None of an empty sweep."""
    best = fastest(sweep)
    return (
        None
        if best is None
        else next(case for case in sweep if case is best or is_as_fast(case, best))
    )
