"""All that a report says, made of what was measured; how it looks is the templates' affair."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..claims import Claim, examine
from ..disturbance import disturbance
from ..machine_results import MachineResults
from ..published import PublishedMachine, published_machines
from ..recommendation import Recommendation, recommend
from ..table import Group, groups, headers
from ..verdicts import Verdict, judge
from .pictures import (
    Picture,
    against_tasks,
    against_workers,
    overview,
    published_walls,
    timelines,
)

_LONGEST_NAME = 80


@dataclass(frozen=True)
class Section:
    """Pictures under one heading."""

    name: str
    title: str
    text: str
    pictures: Sequence[Picture]


@dataclass(frozen=True)
class MachinePart:
    """One machine's part of the report; `name` tells it from others in links and files."""

    name: str
    title: str
    description: str
    date: str
    method: str
    warning: str | None
    recommendations: Sequence[Recommendation]
    claims: Sequence[Claim]
    headers: Sequence[str]
    groups: Sequence[Group]
    sections: Sequence[Section]


@dataclass(frozen=True)
class PublishedPart:
    """The original study's figures for one of its machines."""

    title: str
    headers: Sequence[str]
    groups: Sequence[Group]


@dataclass(frozen=True)
class Report:
    machines: Sequence[MachinePart]
    published: Sequence[PublishedPart]
    published_picture: Picture

    @property
    def title(self) -> str:
        hosts = dict.fromkeys(machine.title for machine in self.machines)
        return "; ".join(hosts)

    @property
    def pictures(self) -> Sequence[Picture]:
        own = [p for machine in self.machines for each in machine.sections for p in each.pictures]
        return [*own, self.published_picture]


def report_of(machines: Sequence[MachineResults]) -> Report:
    several = len(machines) > 1
    titles = _told_apart(machines)
    names = unique([as_name(title) for title in titles])
    published = published_machines()
    return Report(
        machines=[
            _part(machine, title, name, f"{name}-" if several else "")
            for machine, title, name in zip(machines, titles, names, strict=True)
        ],
        published=[_published_part(machine) for machine in published],
        published_picture=published_walls(published),
    )


def _told_apart(machines: Sequence[MachineResults]) -> list[str]:
    """Titles; with dates where two machines have the same, as those of one provider often do."""
    titles = [machine.title for machine in machines]
    return [
        f"{title}, {machine.context.get('date', '')}" if titles.count(title) > 1 else title
        for machine, title in zip(machines, titles, strict=True)
    ]


def _part(machine: MachineResults, title: str, name: str, prefix: str) -> MachinePart:
    sections = [
        Section(
            "figures",
            "What the cases took",
            "For one run of the workload each.",
            overview(machine, prefix),
        ),
        Section(
            "workers",
            "How many workers",
            "Pools of several sizes, and the number of tasks from which on an event loop does "
            "better than a pool.",
            [*against_workers(machine, prefix), *against_tasks(machine, prefix)],
        ),
        Section(
            "timelines",
            "Who ran which job when",
            "Thin bars wait, thick bars work. Bars side by side in time are concurrency; as many "
            "thick ones side by side as there are cores are parallelism, more of them take turns. "
            "The cases of a workload have one scale of time.",
            timelines(machine, prefix),
        ),
    ]
    return MachinePart(
        name=name,
        title=title,
        description=machine.description,
        date=str(machine.context.get("date", "")),
        method=_method(machine),
        warning=disturbance(machine),
        recommendations=recommend(machine),
        claims=examine(machine),
        headers=headers(machine.cases),
        groups=groups(machine.cases, judge(machine.cases, machine.cores)),
        sections=[section for section in sections if section.pictures],
    )


def _method(machine: MachineResults) -> str:
    """How many samples, how sure: what a reader must know before believing a figure."""
    found = [each for case in machine.cases if (each := case.estimate("wall_s")) is not None]
    if not found:
        return "No case succeeded."
    most = max(found, key=lambda each: each.samples)
    text = (
        "Each sample is a process of its own that ran one case, in shuffled rounds, after one "
        f"round for warming up; figures are medians of {most.samples} samples."
        if most.samples > 1
        else "One sample a case: nothing tells how far it can be trusted."
    )
    if most.samples > 1:
        text += f" Intervals cover the true median with a confidence of {most.level:.0%}."
    if machine.context.get("study_interrupted"):
        text += " The study was interrupted: cases are missing, or ran less often."
    source = machine.context.get("source")
    if source == "urls":
        text += " Requests went to real servers."
    elif machine.context.get("study_origin") == "given":
        text += " Requests went to an origin that was started by hand."
    elif machine.context.get("origin_affinity"):
        text += " The origin had cores of its own."
    else:
        text += " Clients and origin shared the cores."
    return text


def _published_part(machine: PublishedMachine) -> PublishedPart:
    verdicts = {name: Verdict(mark, "") for name, mark in machine.marks.items()}
    kept = ("case", "workers", "user s", "kernel s", "wall s", "CPU %", "max RSS kB", "result")
    head = headers(machine.cases)
    places = [head.index(header) for header in kept]
    return PublishedPart(
        title=f"{machine.name} ({machine.cores} core{'' if machine.cores == 1 else 's'})",
        headers=kept,
        groups=[
            (workload, [tuple(cells[place] for place in places) for cells in rows])
            for workload, rows in groups(machine.cases, verdicts)
        ],
    )


def as_name(text: str) -> str:
    """For links and files: nothing that either could mistake, and not too long for a file."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower())[:_LONGEST_NAME].strip("-") or "machine"


def unique(names: Sequence[str]) -> list[str]:
    found: list[str] = []
    for name in names:
        number = sum(other == name or other.startswith(f"{name}--") for other in found)
        found.append(name if number == 0 else f"{name}--{number + 1}")
    return found
