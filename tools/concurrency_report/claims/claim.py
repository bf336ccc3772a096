"""What becomes of a claim."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum


class Answer(Enum):
    HOLDS = "holds"
    FAILS = "does not hold"
    UNKNOWN = "cannot tell here"


@dataclass(frozen=True)
class Claim:
    """One of the study's seven conclusions, tested; `evidence` are sentences with the figures."""

    number: int
    text: str
    answer: Answer
    evidence: Sequence[str]


@dataclass(frozen=True)
class Finding:
    """What the test of a claim, or of a part of one, came to."""

    answer: Answer
    evidence: Sequence[str]

    def with_remarks(self, *remarks: str) -> Finding:
        """What is worth knowing besides and decided nothing."""
        return Finding(self.answer, (*self.evidence, *remarks))


class CannotTellError(Exception):
    """A test lacks what it needs; its text is a sentence that says what."""


def holds(*evidence: str) -> Finding:
    return Finding(Answer.HOLDS, evidence)


def fails(*evidence: str) -> Finding:
    return Finding(Answer.FAILS, evidence)


def unknown(*evidence: str) -> Finding:
    return Finding(Answer.UNKNOWN, evidence)


def finding_of(test: Callable[[], Finding]) -> Finding:
    """The test's, or that it cannot tell."""
    try:
        return test()
    except CannotTellError as error:
        return unknown(str(error))


def combined(*parts: Finding) -> Finding:
    """A claim of several parts does not hold if one does not, and holds if all do."""
    answers = {part.answer for part in parts}
    decisive = (Answer.FAILS, Answer.UNKNOWN, Answer.HOLDS)
    return Finding(
        next(answer for answer in decisive if answer in answers),
        tuple(sentence for part in parts for sentence in part.evidence),
    )
