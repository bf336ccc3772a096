"""What the campaign's runs come to: a summary in Markdown, each run and each case as CSV."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..whole_file import write_text
from .parts import PARTS, Part

Run = Mapping[str, Any]
_REGRESSED = "regressed"
_CANNOT_TELL = "can't tell"


@dataclass(frozen=True)
class Found:
    """One part's runs. `named` are those that were red and named no case but those that are
    slower, and at least one of them; where none is slower there can be no such run."""

    part: Part
    runs: Sequence[Run]

    @property
    def statuses(self) -> Counter[int]:
        return Counter(run["exit_status"] for run in self.runs)

    @property
    def named(self) -> int:
        return sum(
            run["exit_status"] == 1 and all(map(self._is_slower, _red_cases(run)))
            for run in self.runs
        )

    @property
    def undecided(self) -> float:
        """The share of rows that cannot be told."""
        rows = [row for run in self.runs for row in run["rows"]]
        return sum(1 for row in rows if row["verdict"] == _CANNOT_TELL) / max(1, len(rows))

    @property
    def holds(self) -> bool | None:
        """None as long as there are fewer runs than it takes."""
        if len(self.runs) < self.part.runs:
            return None
        red = self.named if self.part.cases else self.statuses[1]
        share = red * self.part.runs / len(self.runs)
        return self.part.fewest_red <= share <= self.part.most_red

    @property
    def cases(self) -> list[tuple[str, str, int, int]]:
        """Case and metric, in how many of the runs it was red, and how many there are."""
        red: Counter[tuple[str, str]] = Counter()
        there: Counter[tuple[str, str]] = Counter()
        for run in self.runs:
            for row in run["rows"]:
                key = (row["case"], row["metric"])
                there[key] += 1
                red[key] += row["verdict"] == _REGRESSED
        return [(*key, red[key], count) for key, count in there.items()]

    def _is_slower(self, case: str) -> bool:
        return case.startswith(tuple(self.part.cases))


def found_in(entries: Iterable[Run]) -> list[Found]:
    by_part: dict[str, list[Run]] = {part.name: [] for part in PARTS}
    for entry in entries:
        by_part[entry["part"]].append(entry)
    return [Found(part, by_part[part.name]) for part in PARTS if by_part[part.name]]


def as_markdown(what: Mapping[str, Any], found: Sequence[Found]) -> str:
    from ..report.templates import escaped_for_markdown as shown

    lines = [
        f"Commit {shown(what['commit'])}, {what['minutes']:g} minutes a run.",
        "",
        "| compared | runs | red | green | can't tell | right cases named | rows not told | wanted "
        "| holds |",
        "|---|---:|---:|---:|---:|---:|---:|---|---|",
    ]
    for each in found:
        part = each.part
        named = str(each.named) if part.cases else "-"
        wanted = (
            f"at least {part.fewest_red} of {part.runs} red"
            if part.cases
            else f"at most {part.most_red} of {part.runs} red"
        )
        holds = {True: "yes", False: "no", None: "too few runs yet"}[each.holds]
        lines.append(
            f"| {part.title} | {len(each.runs)} | {each.statuses[1]} | {each.statuses[0]} | "
            f"{each.statuses[3]} | {named} | {each.undecided:.1%} | {wanted} | {holds} |"
        )
    for each in found:
        if not each.part.cases:
            continue
        lines += [
            *("", f"Power, {each.part.title}: runs in which each was red.", ""),
            *("| case | metric | red | runs |", "|---|---|---:|---:|"),
        ]
        lines += [
            f"| {shown(case)} | {shown(metric)} | {red} | {runs} |"
            for case, metric, red, runs in each.cases
            if case.startswith(tuple(each.part.cases))
        ]
    false = [
        f"- {each.part.title}, run {run['run']}: {shown(', '.join(sorted(_red_cases(run))))}"
        for each in found
        for run in each.runs
        if not each.part.cases and run["exit_status"] == 1
    ]
    if false:
        lines += ["", "False alarms:", "", *false]
    return "\n".join(lines) + "\n"


def write_summary(what: Mapping[str, Any], found: Sequence[Found], folder: Path) -> str:
    """summary.md, whose text is returned, runs.csv and cases.csv."""
    folder.mkdir(parents=True, exist_ok=True)
    text = as_markdown(what, found)
    write_text(folder / "summary.md", text)
    runs = [
        (each.part.name, run["run"], run["exit_status"], run["pairs_taken"], run["minutes"])
        for each in found
        for run in each.runs
    ]
    head = ("part", "run", "exit_status", "pairs_taken", "minutes")
    write_text(folder / "runs.csv", _csv(head, runs))
    cases = [(each.part.name, *case) for each in found for case in each.cases]
    write_text(folder / "cases.csv", _csv(("part", "case", "metric", "red", "runs"), cases))
    return text


def _red_cases(run: Run) -> set[str]:
    return {row["case"] for row in run["rows"] if row["verdict"] == _REGRESSED}


def _csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return out.getvalue()
