"""Which rows of two sides can be compared, and why others cannot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..bench import shown
from ..results import Json
from .inputs import Results


@dataclass(frozen=True)
class Matching:
    """Names of cases, in the order of the baseline. `incomparable` says of each why; `partial` has
    a sentence for each side of a case that is compared without those of its samples that failed."""

    matched: Sequence[str]
    removed: Sequence[str]
    added: Sequence[str]
    incomparable: Mapping[str, str]
    partial: Sequence[str]

    def sentences(self) -> list[str]:
        """For people: nothing where all was compared."""
        found = []
        if self.added:
            found.append(f"Added, in the contender only: {_names(self.added)}.")
        if self.removed:
            found.append(f"Removed, in the baseline only: {_names(self.removed)}.")
        found.extend(
            f"Not compared: {shown(name)}: {reason}." for name, reason in self.incomparable.items()
        )
        return [*found, *self.partial]


def match(baseline: Results, contender: Results) -> Matching:
    both = [name for name in baseline.rows if name in contender.rows]
    reasons = {name: _reason(name, baseline, contender) for name in both}
    matched = [name for name in both if reasons[name] is None]
    return Matching(
        matched=matched,
        removed=[name for name in baseline.rows if name not in contender.rows],
        added=[name for name in contender.rows if name not in baseline.rows],
        incomparable={name: reason for name, reason in reasons.items() if reason is not None},
        partial=[
            sentence
            for name in matched
            for who, results in (("baseline", baseline), ("contender", contender))
            for sentence in _partly_failed(name, who, results)
        ],
    )


def matched_document(results: Results, matching: Matching) -> dict[str, Json]:
    """What compare.py gets: rows that it compares and no others, for these would be in its mean."""
    rows: list[Json] = [
        dict(row.raw)
        for name in matching.matched
        for row in results.rows[name]
        if row.error is None
    ]
    return {"context": results.context, "benchmarks": rows}


def _reason(name: str, baseline: Results, contender: Results) -> str | None:
    for who, results in (("baseline", baseline), ("contender", contender)):
        if not results.samples(name):
            errors = _errors(results, name)
            return f"failed in the {who}: {errors[0]}" if errors else f"no sample in the {who}"
    mine, theirs = (_units(results, name) for results in (baseline, contender))
    if len(mine | theirs) > 1:
        return f"its time_unit is {'/'.join(sorted(mine))} and {'/'.join(sorted(theirs))}"
    return None


def _partly_failed(name: str, who: str, results: Results) -> list[str]:
    errors, samples = _errors(results, name), len(results.samples(name))
    if not errors:
        return []
    of = len(errors) + samples
    return [
        f"Compared in part: {shown(name)}: {len(errors)} of {of} samples failed in the {who}: "
        f"{errors[0]}."
    ]


def _errors(results: Results, name: str) -> list[str]:
    return [row.error for row in results.rows[name] if row.error is not None]


def _units(results: Results, name: str) -> set[str]:
    return {str(row.raw.get("time_unit")) for row in results.samples(name)}


def _names(names: Sequence[str]) -> str:
    return ", ".join(shown(name) for name in names)
