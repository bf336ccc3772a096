"""The runs that a claim asks for, found among what was measured, and compared.

What is not there raises CannotTellError, so that tests of claims read as if all were there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..comparison import is_no_more, ratio_of_walls, speedup
from ..estimate import Estimate
from ..summary import CaseSummary, Workers
from ..sweep import fastest
from .claim import CannotTellError
from .wording import listed, named


@dataclass(frozen=True)
class Wanted:
    """Runs of one case with these arguments and no others but their workers, which may be any where
    these are not among the arguments."""

    case: str
    arguments: Mapping[str, str]

    def __str__(self) -> str:
        return "/".join((self.case, *(f"{key}:{value}" for key, value in self.arguments.items())))

    def matches(self, run: CaseSummary) -> bool:
        arguments = dict(run.arguments)
        if "workers" not in self.arguments:
            arguments.pop("workers", None)
        return run.case == self.case and arguments == self.arguments


def wanted(case: str, **arguments: object) -> Wanted:
    return Wanted(case, {key: str(value) for key, value in arguments.items()})


def find(cases: Iterable[CaseSummary], *all_wanted: Wanted) -> list[CaseSummary]:
    """One run for each, that with the fastest number of workers where several match."""
    cases = list(cases)
    found = {str(each): fastest(filter(each.matches, cases)) for each in all_wanted}
    absent = [each for each in all_wanted if found[str(each)] is None]
    if absent:
        raise CannotTellError(_absence(absent, cases))
    return [run for run in found.values() if run is not None]


def fastest_of(cases: Iterable[CaseSummary]) -> CaseSummary:
    found = fastest(cases)
    if found is None:
        raise CannotTellError("Nothing to compare with was measured here.")
    return found


def bounded(cases: Iterable[CaseSummary], workload: str) -> list[CaseSummary]:
    """The workload's runs that succeeded, but for models that start a worker for each job."""
    return [
        case
        for case in cases
        if case.workload == workload
        and case.successes > 0
        and not (case.traits is not None and case.traits.workers is Workers.PER_JOB)
    ]


def gain_of(case: CaseSummary, over: CaseSummary) -> Estimate:
    """How many times as fast as the other the case is."""
    gain = speedup(case, over)
    if gain is None:
        raise _never_together(case, over)
    return gain


def keeps_up(case: CaseSummary, other: CaseSummary) -> bool:
    """Whether the case is as fast as the other within the noise, or faster."""
    ratio = ratio_of_walls(case, other)
    if ratio is None:
        raise _never_together(case, other)
    return is_no_more(ratio)


def _never_together(case: CaseSummary, other: CaseSummary) -> CannotTellError:
    return CannotTellError(f"No round has both {named(case)} and {named(other)}.")


def _absence(absent: Sequence[Wanted], cases: Sequence[CaseSummary]) -> str:
    """Says of those that were tried why they failed."""
    reasons = {
        str(each): run.error for each in absent for run in cases if each.matches(run) and run.error
    }
    sentences = [f"{name} failed: {reason.rstrip('.')}." for name, reason in reasons.items()]
    missing = [str(each) for each in absent if str(each) not in reasons]
    if missing:
        sentences.append(f"Not measured here: {listed(missing)}.")
    return " ".join(sentences)
