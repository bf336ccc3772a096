from __future__ import annotations

from concurrency_report.crossing import Crossing, crossings
from concurrency_report.summary import CaseSummary


def size(case: str, tasks: int, scale: str, wall_s: float) -> CaseSummary:
    return CaseSummary(
        f"{case}/fetches:{tasks}/latency_scale:{scale}/real_time",
        None,
        {"wall_s": dict.fromkeys(range(5), wall_s)},
    )


def pair(tasks: int, gain: float, scale: str = "1") -> list[CaseSummary]:
    return [
        size("io_thread_pool/workers:6", tasks, scale, gain),
        size("io_async", tasks, scale, 1),
    ]


def crossing(*gains: tuple[int, float]) -> Crossing:
    (found,) = crossings([case for tasks, gain in gains for case in pair(tasks, gain)])
    return found


def test_the_pool_keeps_up_until_async_overtakes() -> None:
    found = crossing((100, 3.8), (3, 0.96), (10, 1.17), (30, 2))
    assert list(found.gains) == [3, 10, 30, 100]
    assert (found.workers, found.mean_latency_ms) == (6, 16)
    assert found.pool_keeps_up_to == 3
    assert found.async_from == 10
    assert (found.fewest, found.most) == (3, 100)


def test_neither_may_ever_give_way() -> None:
    always_the_pool = crossing((3, 1), (10, 1.04))
    assert (always_the_pool.pool_keeps_up_to, always_the_pool.async_from) == (10, None)
    always_async = crossing((3, 1.3), (10, 1.5))
    assert (always_async.pool_keeps_up_to, always_async.async_from) == (None, 3)


def test_being_faster_in_between_is_no_crossing() -> None:
    found = crossing((3, 1.3), (10, 1.2), (100, 1.02))
    assert (found.pool_keeps_up_to, found.async_from) == (None, None)
    found = crossing((3, 1), (10, 1.2), (30, 1.02), (100, 2))
    assert (found.pool_keeps_up_to, found.async_from) == (3, 100)


def test_each_latency_has_its_own_shortest_first() -> None:
    cases = [*pair(3, 1, "4"), *pair(3, 2, "0"), *pair(3, 1.5, "0.5")]
    assert [each.latency_scale for each in crossings(cases)] == [0, 0.5, 4]


def test_halves_of_a_pair_and_other_runs_are_left_out() -> None:
    pool, loop = pair(3, 1)
    assert crossings([loop]) == []
    assert crossings([pool]) == []
    failed = CaseSummary(loop.name, None, error="boom")
    assert crossings([failed, pool]) == []
    others = [
        CaseSummary("io_async/fetches:x/latency_scale:1", None, loop.samples),
        CaseSummary("io_async/fetches:3/latency_scale:1/scheme:http", None, loop.samples),
    ]
    assert crossings([*others, pool]) == []
