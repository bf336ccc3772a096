from __future__ import annotations

from concurrency_report.summary import CaseSummary
from concurrency_report.sweep import fastest, knee, sweeps


def pool(workers: int, *walls: float, more: str = "") -> CaseSummary:
    name = f"io_thread_pool/workers:{workers}{more}/real_time"
    return CaseSummary(name, None, {"wall_s": dict(enumerate(walls))} if walls else {})


def test_a_sweep_is_in_order_of_workers_not_of_names() -> None:
    found = sweeps([pool(16, 1), pool(2, 1), pool(1, 1)])
    assert [case.workers for case in found["io_thread_pool"]] == [1, 2, 16]


def test_what_differs_in_more_than_workers_or_failed_is_no_part_of_it() -> None:
    cases = [
        pool(1, 1),
        pool(2, 1, more="/cores:2"),
        pool(4),
        CaseSummary("io_async/real_time", None),
    ]
    assert [case.workers for case in sweeps(cases)["io_thread_pool"]] == [1]
    assert list(sweeps(cases)) == ["io_thread_pool"]


def test_the_knee_is_the_fewest_workers_that_are_as_fast_as_the_fastest() -> None:
    sweep = [pool(1, 4, 4, 4), pool(2, 2, 2, 2), pool(4, 1.02, 1.02, 1.02), pool(8, 1, 1, 1)]
    found = knee(sweep)
    assert found is not None
    assert found.workers == 4


def test_the_knee_of_one_is_itself_even_if_it_took_no_time() -> None:
    alone = pool(3, 0)
    assert knee([alone]) is alone
    assert knee([]) is None


def test_the_fastest_is_so_by_its_median() -> None:
    lucky_once = pool(1, 0.1, 2, 2)
    steady = pool(2, 1, 1, 1)
    assert fastest([lucky_once, steady, pool(4)]) is steady
    assert fastest([pool(4)]) is None
