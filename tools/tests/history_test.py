"""tools/history: what is kept of results, that nothing gets lost, and what changed where."""

from __future__ import annotations

import json
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from concurrency_report.__main__ import main
from concurrency_report.history.store import Store
from concurrency_report.history.trends import changes_in

from . import samples
from .histories import kept, results, write

WATCHDOG_S = 60
TOOLS = Path(__file__).resolve().parents[1]


class Histories:
    """tools/history on one file."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.database = folder / "history.sqlite"
        self._capture = capture

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        """Exit status, standard output, standard error."""
        status = main(["history", *arguments, "--database", str(self.database)])
        said = self._capture.readouterr()
        return status, said.out, said.err

    def said(self) -> str:
        return self._capture.readouterr().out

    def add(self, *documents: dict[str, Any]) -> tuple[int, str, str]:
        files = [
            write(document, self.folder / f"{number}.json")
            for number, document in enumerate(documents)
        ]
        return self("add", *files)

    def rows(self) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(self.database)
        found = connection.execute("SELECT * FROM history").fetchall()
        connection.close()
        return found


@pytest.fixture
def history(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Histories:
    return Histories(tmp_path, capsys)


def days(
    last: int, wall: Callable[[int], float], first: int = 1, **context: Any
) -> list[dict[str, Any]]:
    """One result a day; io_async as told, io_threads always the same but for some noise."""
    noise = random.Random(1)
    return [
        results(
            day,
            {"io_async": [wall(day) * noise.gauss(1, 0.01)], "io_threads": [noise.gauss(1, 0.01)]},
            **context,
        )
        for day in range(first, last + 1)
    ]


def test_keeps_a_row_for_each_case_and_metric_with_commit_date_and_fingerprint(
    history: Histories,
) -> None:
    status, _, _ = history.add(results(3, {"io_async": [0.3, 0.1, 0.15], "io_threads": [1.0]}))
    assert status == 0
    rows = {(row[4], row[5]): row for row in history.rows()}
    commit, date, fingerprint, _, *_, value, low, high, count = rows["io_async", "wall_s"]
    assert (commit, date) == ("03" * 20, "2026-01-03T11:00:00+00:00")
    assert len(fingerprint) == 12
    assert (value, low, high, count) == (0.15, 0.1, 0.3, 3)
    assert {metric for _, metric in rows} == {*samples.COUNTERS, "cpu_s"}
    assert rows["io_threads", "cpu_s"][6] == pytest.approx(0.03)


def test_adding_the_same_again_changes_nothing_however_it_is_laid_out(history: Histories) -> None:
    document = results(1, {"io_async": [0.1]})
    history.add(document)
    before = history.database.read_bytes()
    file = history.folder / "again.json"
    document["context"] = dict(reversed(document["context"].items()))
    file.write_text(json.dumps(dict(reversed(document.items())), indent=7))
    status, _, said = history("add", str(file), str(file))
    assert status == 0
    assert said.count("was there already") == 2
    assert history.database.read_bytes() == before


def test_the_same_figures_measured_again_are_another_result(history: Histories) -> None:
    history.add(results(1, {"io_async": [0.1]}), results(2, {"io_async": [0.1]}))
    assert len({row[1] for row in history.rows()}) == 2


def test_failed_samples_are_left_out_and_named(history: Histories) -> None:
    failed = samples.failed_row("io_threads", "job 3: reset\x1b[2J\nby peer")
    half = samples.failed_row("io_async", "timed out") | {"repetition_index": 1}
    status, _, said = history.add(results(1, {"io_async": [0.2]}, failed, half))
    assert status == 0
    lines = said.splitlines()
    assert "io_async: kept without the samples that failed, 1 are left: timed out" in lines[0]
    assert "io_threads: left out: job 3: reset�[2J�by peer" in lines[1]
    assert {row[4] for row in history.rows()} == {"io_async"}


def flawed(**changes: Any) -> str:
    document = results(1, {"io_async": [0.1]}, **changes)
    context = document["context"]
    document["context"] = {key: value for key, value in context.items() if value is not None}
    return json.dumps(document)


AGGREGATE = samples.row("io_async") | {"run_type": "aggregate", "aggregate_name": "mean"}
FLAWS = {
    "truncated": (flawed()[:-9], "truncated JSON"),
    "foreign": ('{"context": {}, "benchmarks": []}', "written by another program"),
    "other version": (flawed(schema_version="2"), "has schema version 2"),
    "aggregates": (json.dumps(results(1, {}, AGGREGATE)), "has aggregates only"),
    "no commit": (flawed(git_commit=None), "names no commit"),
    "no date": (flawed(date=None), "does not say when"),
    "malformed date": (flawed(date="yesterday"), "does not say when"),
    "date without zone": (flawed(date="2026-01-01T00:00:00"), "does not say when"),
    "all failed": (
        json.dumps(results(1, {}, samples.failed_row("io_async", "refused"))),
        "has nothing to keep: io_async: left out: refused",
    ),
}


@pytest.mark.parametrize(("text", "flaw"), FLAWS.values(), ids=FLAWS)
def test_a_flawed_file_is_named_in_a_line_and_nothing_is_added_beside_it(
    history: Histories, text: str, flaw: str
) -> None:
    sound = write(results(1, {"io_async": [0.1]}), history.folder / "sound.json")
    file = history.folder / "flawed.json"
    file.write_text(text)
    status, out, said = history("add", sound, str(file))
    assert (status, out, said.count("\n")) == (2, "", 1)
    assert said.startswith(f"history: error: {file}: {flaw}")
    assert not history.database.exists()


@pytest.mark.parametrize("named", [None, "def"])
def test_a_commit_that_is_given_counts_first(history: Histories, named: str | None) -> None:
    file = history.folder / "results.json"
    file.write_text(flawed(git_commit=named))
    assert history("add", str(file), "--commit", "abc")[0] == 0
    assert {row[0] for row in history.rows()} == {"abc"}
    _, _, said = history("add", str(file), "--commit", "other")
    assert "was there already, commit abc," in said


def foreign_database(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE notes (text TEXT)")
    connection.close()


def newer_history(path: Path) -> None:
    Store.open(path, create=True).__exit__(None, None, None)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 2")
    connection.close()


@pytest.mark.parametrize(
    ("make", "flaw"),
    [
        (
            lambda path: path.write_text("no database, but a text that is long" * 9),
            "not a database",
        ),
        (foreign_database, "a database, but no history"),
        (newer_history, "a history of version 2"),
    ],
    ids=["text", "foreign", "newer"],
)
def test_what_is_no_history_is_left_alone(
    history: Histories, make: Callable[[Path], None], flaw: str
) -> None:
    make(history.database)
    before = history.database.read_bytes()
    for status, _, said in (
        history.add(results(1, {"io_async": [0.1]})),
        history("report"),
        history("list"),
    ):
        assert (status, said.count("\n")) == (2, 1)
        assert f"{history.database}: " in said
        assert flaw in said
    assert history.database.read_bytes() == before


def test_reports_of_no_history_make_none(history: Histories) -> None:
    status, _, said = history("report")
    assert (status, said.count("\n")) == (2, 1)
    assert "no history here" in said
    assert not history.database.exists()


# Adds results with so many cases, over so small a cache, that half of them are in the file when the
# process is killed.
KILLED = """
import os, signal, sys
from pathlib import Path
from concurrency_report.history.store import Store
from tests.histories import kept, results

class Deadly(dict):
    def items(self):
        for number, item in enumerate(super().items()):
            if number == len(self) // 2:
                os.kill(os.getpid(), signal.SIGKILL)
            yield item

found = kept(results(2, {f"io_{number}": [0.1] for number in range(300)}))
object.__setattr__(found, "figures", Deadly(found.figures))
store = Store.open(Path(sys.argv[1]), create=True)
store._connection.execute("PRAGMA cache_size = 2")
store.add([found])
"""


def test_a_kill_halfway_loses_nothing_and_leaves_no_half(history: Histories) -> None:
    history.add(results(1, {"io_async": [0.1]}))
    before, size = history.rows(), history.database.stat().st_size
    command = [sys.executable, "-c", KILLED, str(history.database)]
    killed = subprocess.run(command, cwd=TOOLS, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert history.database.stat().st_size > 2 * size  # halfway indeed
    assert history.rows() == before
    status, _, _ = history.add(results(2, {"io_async": [0.1]}))
    assert status == 0
    assert len(history.rows()) == 2 * len(before)


class Halfway(dict[Any, Any]):
    """Says when half of it was looked at, and goes on when it may."""

    def __init__(self, figures: Mapping[Any, Any]) -> None:
        super().__init__(figures)
        self.reached, self.may_go_on = threading.Event(), threading.Event()

    def items(self) -> Any:
        for number, item in enumerate(super().items()):
            if number == len(self) // 2:
                self.reached.set()
                assert self.may_go_on.wait(WATCHDOG_S)
            yield item


def test_who_adds_while_another_does_waits_for_it(history: Histories) -> None:
    one, other = (kept(results(day, {f"io_{n}": [0.1] for n in range(50)})) for day in (1, 2))
    halfway = Halfway(one.figures)

    def add_one() -> None:
        with Store.open(history.database, create=True) as store:
            store.add([replace(one, figures=halfway)])

    with Store.open(history.database, create=True) as store:
        thread = threading.Thread(target=add_one)
        thread.start()
        assert halfway.reached.wait(WATCHDOG_S)
        # As it begins: the file is the first one's until that has ended.
        store._connection.set_trace_callback(lambda _: halfway.may_go_on.set())
        store.add([other])
        thread.join(WATCHDOG_S)

    assert len({row[0] for row in history.rows()}) == 2


def test_tells_which_case_changed_at_which_commit_and_by_how_much(history: Histories) -> None:
    history.add(*days(16, lambda day: 1.0 if day < 9 else 1.2))
    status, said, _ = history("report")
    assert status == 0
    lines = said.splitlines()
    assert lines[0].startswith("A processor, 2 usable cores")
    assert lines[1].startswith("16 results, the latest of 2026-01-16T11:00:00+00:00")
    assert lines[2] == "1 change."
    assert lines[3] == "  090909090909, 2026-01-09T11:00:00+00:00, after 080808080808"
    assert lines[4].startswith("    io_async wall_s: +")
    relative = float(lines[4].split("+")[1].split()[0])
    assert relative == pytest.approx(20, abs=2)
    assert len(lines) == 5


def test_results_are_ordered_by_when_they_were_measured(history: Histories) -> None:
    shuffled = days(16, lambda day: 1.0 if day < 9 else 1.2)
    random.Random(2).shuffle(shuffled)
    history.add(*shuffled)
    assert "  090909090909, " in history("report")[1]
    dates = [line.split()[0] for line in history("list")[1].splitlines()[1:]]
    assert dates == sorted(dates)


def test_machines_builds_and_workloads_never_meet(history: Histories) -> None:
    """Measured one after another, any two of them would be a change if they did."""
    others: list[dict[str, Any]] = [
        {"cpu_model": "Another"},
        {},
        {"fibonacci": "20"},
        {"fibonacci": "20", "compiler": "Another"},
    ]
    for number, context in enumerate(others):
        first, wall = 1 + 6 * number, 1.0 + number
        history.add(*days(first + 5, lambda _, wall=wall: wall, first, **context))  # type: ignore[misc]
    said = history("report")[1]
    assert said.count("6 results") == 4
    assert said.count("No changes.") == 4


def test_other_metrics_on_request(history: Histories) -> None:
    history.add(*days(12, lambda _: 1.0))
    assert history("report", "--metrics", "threads,vol_ctx")[0] == 0
    status, _, said = history("report", "--metrics", "wall_s,walls")
    assert (status, said.count("\n")) == (2, 1)
    assert "no metric 'walls', only cpu_pct, cpu_s, " in said


def noise(count: int, spread: float, seed: int) -> list[float]:
    generator = random.Random(seed)
    return [generator.gauss(1, spread) for _ in range(count)]


def test_a_change_is_told_once_three_results_have_it() -> None:
    steady = noise(20, 0.01, seed=3)
    for count in range(1, 3):
        assert changes_in(steady + [1.2] * count) == []
    (change,) = changes_in([*steady, 1.19, 1.2, 1.21])
    assert change.index == 20
    assert change.relative == pytest.approx(0.2, abs=0.01)


def test_there_and_back_are_two_changes() -> None:
    values = noise(45, 0.01, seed=4)
    found = changes_in([1.1 * value if 15 <= i < 30 else value for i, value in enumerate(values)])
    assert [change.index for change in found] == [15, 30]


def test_a_single_odd_result_is_no_change() -> None:
    values = noise(30, 0.01, seed=5)
    values[12] *= 1.5
    assert changes_in(values) == []


def test_a_few_odd_results_between_hide_no_change() -> None:
    before = noise(20, 0.01, seed=3)
    after = [1.2 * value for value in noise(20, 0.01, seed=4)]
    for odd in ([1.5, 1.5], [0.5]):
        (change,) = changes_in([*before, *odd, *after])
        assert 20 <= change.index <= 20 + len(odd)
        assert change.relative == pytest.approx(0.2, abs=0.05)
    # Of one that is what it was before, only the odd ones are different.
    assert changes_in([*noise(90, 0.01, seed=2), 1.5, 1.5, *before[:3]]) == []
    assert changes_in([*before, 1.5, 1.5, *before]) == []


def test_what_changes_by_less_than_three_percent_is_none() -> None:
    assert changes_in([1.0] * 10 + [1.029] * 10) == []
    assert len(changes_in([1.0] * 10 + [1.031] * 10)) == 1


def test_nothing_may_become_something() -> None:
    (change,) = changes_in([0.0] * 6 + [5.0] * 6)
    assert (change.index, change.before, change.after, change.relative) == (6, 0, 5, None)
    assert changes_in([0.0] * 12) == []


def test_the_simulation_prints_a_share_for_each_of_its_kinds(history: Histories) -> None:
    assert main(["history", "simulate", "1", "--seed", "2"]) == 0
    lines = history.said().splitlines()
    assert lines[0] == "1 simulated trends each, seed 2"
    # A step of ten standard deviations has to be found.
    steps = [line.split() for line in lines if line.startswith("5%, 1%")]
    assert steps == [["5%,", "1%", "100.0%", "100.0%", "100.0%"]]
    assert sum(line.count("%") for line in lines) == 3 + 3 * 3 + 2 * 4 + 3 * 4


def test_noise_is_hardly_ever_taken_for_a_change() -> None:
    """docs/history.md has the rates of longer simulations, by tools/history simulate."""
    assert sum(len(changes_in(noise(50, 0.04, seed))) > 0 for seed in range(60)) <= 4
