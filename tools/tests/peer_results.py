"""A contest and a comparison for tests of tools/peers."""

from __future__ import annotations

from collections.abc import Callable

from concurrency_report.metrics import WALL
from concurrency_report.peers.bench_side import of_fetches
from concurrency_report.peers.comparison import Comparison, rows_of
from concurrency_report.peers.contest import Column, Contest, Figures, Quantity, Side, fetch_costs
from concurrency_report.peers.rounds import Outcome
from concurrency_report.peers.setting import Missing


def contest(
    quantities: tuple[Quantity, ...] = (Quantity(Column.WALL, WALL),),
    ours: Callable[[], Figures] = dict,
    theirs: Callable[[], Figures] = dict,
) -> Contest:
    return Contest("fresh", Side("io_async", ours), Side("libcurl", theirs), quantities)


def comparison() -> Comparison:
    outcome = Outcome(contest(fetch_costs(cpu=0.625, rate=1.6, memory=True)))
    ours = {"user_s": 1.0, "sys_s": 1.0, "wall_s": 2.0, "max_rss_kb": 12_000.0}
    theirs = {"user_s": 2.0, "sys_s": 2.0, "wall_s": 3.0, "max_rss_kb": 16_000.0}
    outcome.ours[0], outcome.theirs[0] = of_fetches(2000)(ours), of_fetches(2000)(theirs)
    return Comparison(
        machine="a <machine>",
        repetitions=1,
        rows=rows_of(outcome),
        failures=[(contest(), "job 3: refused")],
        missing=[Missing("keepalive", "wrk: not installed")],
        versions={"Python": "3.11.7"},
    )
