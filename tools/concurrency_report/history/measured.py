"""What is kept of one results file: a figure for each case and metric, and what it came from."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ..bench import shown
from ..estimate import Estimate
from ..fingerprint import fingerprint
from ..results import Document, Json, ResultsError
from ..summary import CaseSummary, summarise

# Not a counter of bench: the sum of user_s and sys_s, which is exact where their shares are not.
CPU_S = "cpu_s"


@dataclass(frozen=True)
class Configuration:
    """What figures have in common that compare: machine and build, and the workload's options.
    The digests tell them apart, the texts are for people."""

    fingerprint: str
    workload: str
    machine_and_build: str
    workload_options: str


@dataclass(frozen=True)
class Measured:
    """`figures` are by case, as bench names it, and metric: the median of the samples that
    succeeded, with its interval. `failures` is a line for each case of which a sample failed.
    `digest` is the content's, however the file is laid out; `date` is UTC, ISO 8601."""

    digest: str
    commit: str
    date: str
    configuration: Configuration
    figures: Mapping[tuple[str, str], Estimate]
    failures: Sequence[str]


def measured(document: Document, source: str, commit: str | None = None) -> Measured:
    """`commit` counts before the one that the results name: a bench that is made of the installed
    suite names the suite's. Throws ResultsError, with `source` for
    a name, where there is nothing to keep or no telling where it belongs."""
    named = commit or document.context.get("git_commit")
    if not isinstance(named, str) or not named:
        raise ResultsError(
            f"{source}: names no commit ('git_commit' in its context): build in a checkout of git, "
            "or name it with --commit"
        )
    cases = summarise(document.rows, document.context)
    if not cases:
        raise ResultsError(
            f"{source}: has aggregates only: leave out --benchmark_report_aggregates_only"
        )
    figures = {
        (case.name, metric): found for case in cases for metric, found in _estimates(case).items()
    }
    failures = [_failure(case) for case in cases if case.error is not None]
    if not figures:
        raise ResultsError(f"{source}: has nothing to keep: {failures[0]}")
    return Measured(
        digest=_digest(document),
        commit=named,
        date=_date(document.context, source),
        configuration=_configuration(document.context),
        figures=figures,
        failures=failures,
    )


def _estimates(case: CaseSummary) -> dict[str, Estimate]:
    if case.cpu_s:
        case = case.with_figure(CPU_S, case.cpu_s)
    found = {metric: case.estimate(metric) for metric in case.samples}
    # The sum or the mean of two finite figures need not be.
    return {
        metric: each
        for metric, each in found.items()
        if each is not None and math.isfinite(each.value)
    }


def _failure(case: CaseSummary) -> str:
    left = f"kept without the samples that failed, {case.successes} are left"
    return f"{shown(case.name)}: {left if case.successes else 'left out'}: {case.error}"


def _date(context: Mapping[str, Json], source: str) -> str:
    date = context.get("date")
    try:
        found = datetime.fromisoformat(date if isinstance(date, str) else "")
        if found.tzinfo is None:
            raise ValueError("no time zone")
        return found.astimezone(UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError) as error:
        raise ResultsError(
            f"{source}: does not say when it was measured: 'date' in its context is no ISO 8601 "
            "with a time zone"
        ) from error


def _configuration(context: Mapping[str, Json]) -> Configuration:
    found = fingerprint(context)
    return Configuration(
        fingerprint=found.digest,
        workload=found.workload_digest,
        machine_and_build=str(found),
        workload_options=", ".join(f"{key} {value}" for key, value in found.workload.items()),
    )


def _digest(document: Document) -> str:
    content = {"context": document.context, "benchmarks": [row.raw for row in document.rows]}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
