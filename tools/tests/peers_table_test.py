"""From the runs of tools/peers to its table: rounds, ratios, targets."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from concurrency_report.metrics import WALL
from concurrency_report.peers import report
from concurrency_report.peers.bench_side import of_fetches
from concurrency_report.peers.comparison import rows_of
from concurrency_report.peers.contest import FETCHES, Column, Figures, PeerError, Quantity, costs
from concurrency_report.peers.fetch_groups import growth
from concurrency_report.peers.rounds import Outcome, take
from concurrency_report.progress import TimeLeft

from .peer_results import comparison, contest


class Silent:
    """A display that keeps what it is told in words."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def begin(self, samples: int) -> None: ...
    def starts(self, case: str) -> None: ...
    def ends(self, case: str, took_s: float, left: TimeLeft) -> None: ...
    def end(self) -> None: ...

    def message(self, text: str) -> None:
        self.messages.append(text)


def test_the_ratio_is_the_median_of_those_within_rounds() -> None:
    outcome = Outcome(contest(costs(wall=0.7, cpu=0.2, memory=0.9)))
    # The machine grew slower and slower: medians of each side alone would come to 2 / 4.
    for round_, (ours, theirs) in enumerate([(1, 2), (2, 5), (6, 10)]):
        outcome.ours[round_] = {"wall_s": ours, "user_s": 1, "sys_s": 1}
        outcome.theirs[round_] = {"wall_s": theirs, "user_s": 5, "sys_s": 3, "max_rss_kb": 7}
    wall, cpu = rows_of(outcome)  # and no memory, which one side alone has
    assert (wall.ours.value, wall.theirs.value, wall.ratio.value) == (2, 5, 0.5)
    assert (wall.ratio.low, wall.ratio.high) == (0.4, 0.6)
    assert wall.reached is True
    assert (cpu.ratio.value, cpu.reached) == (0.25, False)


def test_more_is_better_of_rates_and_less_of_all_else() -> None:
    rate, wall = Quantity(Column.RATE, FETCHES, 0.8), Quantity(Column.WALL, WALL, 0.8)
    assert [rate.reached(ratio) for ratio in (0.79, 0.8, 2)] == [False, True, True]
    assert [wall.reached(ratio) for ratio in (0.79, 0.8, 2)] == [True, True, False]
    assert (rate.asked, wall.asked) == ("≥ 0.8", "≤ 0.8")
    assert Quantity(Column.WALL, WALL).reached(5) is None


def test_fetches_of_runs_that_differ_in_number_can_be_compared() -> None:
    counters = {"wall_s": 2.0, "user_s": 0.3, "sys_s": 0.1}
    figures = of_fetches(100)(counters)
    assert figures["cpu_per_fetch_s"] == pytest.approx(0.004)
    assert figures["fetches_per_second"] == 50


def test_memory_is_what_ten_thousand_take_more_than_one() -> None:
    many, one = {"wall_s": 40.0, "max_rss_kb": 409_999.0}, {"wall_s": 0.1, "max_rss_kb": 10_039.0}
    assert growth(many, one)["rss_per_connection_kb"] == 40
    with pytest.raises(PeerError, match="not in flight at once"):
        growth(many | {"wall_s": 60.0}, one)
    with pytest.raises(PeerError, match="does not tell"):
        growth({"wall_s": 40.0}, one)


def test_sides_take_turns_and_who_failed_is_not_run_again() -> None:
    order: list[str] = []

    def run(name: str, error: str | None = None) -> Callable[[], Figures]:
        def take_note() -> Figures:
            order.append(name)
            if error is not None:
                raise PeerError(error)
            return {"wall_s": len(order)}

        return take_note

    both = contest(ours=run("ours"), theirs=run("theirs"))
    failing = contest(ours=run("well"), theirs=run("ill", "refused"))
    display = Silent()
    found = take([both, failing], 3, display, lambda: False)
    assert order == ["ours", "theirs", "well", "ill", "theirs", "ours", "ours", "theirs"]
    assert [each.error for each in found] == [None, "refused"]
    assert found[0].ours == {0: {"wall_s": 1}, 1: {"wall_s": 6}, 2: {"wall_s": 7}}
    assert found[0].theirs == {0: {"wall_s": 2}, 1: {"wall_s": 5}, 2: {"wall_s": 8}}
    assert found[1].ours == {}
    assert display.messages == ["peers: fresh: io_async against libcurl failed: refused"]


def test_what_an_interruption_hits_is_dropped() -> None:
    runs = 0

    def run() -> Figures:
        nonlocal runs
        runs += 1
        if runs == 4:
            raise PeerError("was ended by SIGINT")
        return {"wall_s": 1}

    display = Silent()
    found = take([contest(ours=run, theirs=run)], 5, display, lambda: runs >= 4)
    assert runs == 4
    assert (list(found[0].ours), found[0].error, display.messages) == ([0], None, [])


def test_the_table_has_ratios_targets_and_what_is_not_in_it() -> None:
    text = report.as_text(comparison())
    _, _, _, header, line, *_ = (" ".join(each.split()) for each in text.splitlines())
    assert header == "group ours theirs wall CPU memory per second targets"
    assert line == (
        "fresh io_async libcurl - 0.5 0.75 1.5 CPU ≤ 0.625: reached, per second ≥ 1.6: missed"
    )
    assert "1 of 2 targets reached.\n" in text
    assert "fresh: io_async against libcurl failed: job 3: refused\n" in text
    assert "Left out of keepalive: wrk: not installed\n" in text


def test_markdown_has_the_figures_too() -> None:
    text = report.as_markdown(comparison())
    assert "**1 of 2 targets reached**, on a &lt;machine&gt;.\n" in text
    assert "| fresh | io_async | libcurl | - | 0.5 | 0.75 | 1.5 | CPU ≤ 0.625: reached, " in text
    assert (
        "| fresh | io_async | libcurl | CPU per fetch | 1 ms | 2 ms | 0.5 | ≤ 0.625 | reached |"
        in text
    )
    assert "| max RSS | 12 000 KiB | 16 000 KiB | 0.75 |  |  |" in text
    assert "| fetches per second | 1 000/s | 667/s | 1.5 | ≥ 1.6 | missed |" in text
    assert "- Left out of keepalive: wrk: not installed\n" in text
