"""What the study prints at its end: the answer, the table, the claims."""

from __future__ import annotations

import textwrap

from .claims import examine
from .disturbance import disturbance
from .machine_results import MachineResults
from .plain_text import one_line
from .recommendation import recommend
from .table import as_text as table_as_text
from .verdicts import judge

_WIDTH = 100


def as_text(machine: MachineResults) -> str:
    parts = [one_line(machine.description)]
    warning = disturbance(machine)
    if warning is not None:
        parts.append(_wrapped(warning))
    recommendations = recommend(machine)
    if recommendations:
        lines = [
            _wrapped(f"{each.work}: {each.pick}. {each.reason}", each.runner_up)
            for each in recommendations
        ]
        parts.append("\n".join(lines))
    parts.append(table_as_text(machine.cases, judge(machine.cases, machine.cores)).rstrip())
    claims = [f"{each.number}. {each.answer.value}: {each.text}" for each in examine(machine)]
    parts.append("The study's claims:\n" + "\n".join(_wrapped(line) for line in claims))
    return "\n\n".join(parts)


def _wrapped(text: str, more: str | None = None) -> str:
    whole = f"{text} Runner-up: {more}." if more else text
    return textwrap.fill(one_line(whole), _WIDTH, subsequent_indent="  ")
