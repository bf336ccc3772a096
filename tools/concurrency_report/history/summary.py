"""What the history says, for a terminal: what changed, at which commit, by how much."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..bench import shown
from ..machine import short_commit
from ..plain_text import one_line
from .store import Kept
from .trends import FEWEST_POINTS, Change, ConfigurationTrends, Trend

_UNITS = {"s": " s", "kb": " KiB", "pct": " %"}


def as_text(configurations: Sequence[ConfigurationTrends]) -> str:
    return "\n\n".join("\n".join(map(one_line, _lines(each))) for each in configurations)


def title(of: ConfigurationTrends) -> str:
    return of.configuration.machine_and_build or "an unknown machine and build"


def subtitle(of: ConfigurationTrends) -> str:
    """How many results there are, what was run, and the digests that tell this from the rest."""
    options = of.configuration.workload_options or "unknown options"
    return (
        f"{of.results} result{'' if of.results == 1 else 's'}, the latest of {of.latest}; "
        f"workload: {options}; fingerprint {of.configuration.fingerprint}, "
        f"workload {of.configuration.workload}"
    )


def verdict(of: ConfigurationTrends) -> str:
    """In a sentence, whatever there is to list besides."""
    if of.results < 2 * FEWEST_POINTS:
        return f"Too few results to tell changes by: it takes {2 * FEWEST_POINTS}."
    count = sum(len(trend.changes) for trend in of.trends)
    return f"{count} change{'' if count == 1 else 's'}." if count else "No changes."


def changes_by_commit(of: ConfigurationTrends) -> list[tuple[str, list[tuple[Trend, Change]]]]:
    """Latest first, each headed by the commit from which on the figures are different, and the one
    before it."""
    found: dict[tuple[str, str, str], list[tuple[Trend, Change]]] = {}
    for trend in of.trends:
        for change in trend.changes:
            at, before = trend.points[change.index], trend.points[change.index - 1]
            found.setdefault((at.date, at.commit, before.commit), []).append((trend, change))
    return [
        (f"{short_commit(commit)}, {date}, after {short_commit(before)}", changes)
        for (date, commit, before), changes in sorted(
            found.items(), key=lambda entry: entry[0][0], reverse=True
        )
    ]


def by_how_much(trend: Trend, change: Change) -> str:
    relative = change.relative
    share = "" if relative is None else f"{relative:+.1%}, ".replace("%", " %")
    return f"{share}{figure(trend.metric, change.before)} → {figure(trend.metric, change.after)}"


def figure(metric: str, value: float) -> str:
    """With the unit that the metric's name ends in."""
    return f"{value:.4g}{_UNITS.get(metric.rpartition('_')[2], '')}"


def list_as_text(kept: Sequence[Kept]) -> str:
    """Oldest first, aligned."""
    rows = [("measured", "commit", "fingerprint", "workload", "cases")]
    rows += [
        (
            each.date,
            short_commit(each.commit),
            each.configuration.fingerprint,
            each.configuration.workload,
            str(each.cases),
        )
        for each in kept
    ]
    plain = [tuple(map(one_line, row)) for row in rows]
    widths = [max(map(len, column)) for column in zip(*plain, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in plain
    )


def _lines(of: ConfigurationTrends) -> Iterator[str]:
    yield title(of)
    yield subtitle(of)
    yield verdict(of)
    for commit, changes in changes_by_commit(of):
        yield f"  {commit}"
        for trend, change in changes:
            yield f"    {shown(trend.case)} {trend.metric}: {by_how_much(trend, change)}"
