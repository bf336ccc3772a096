from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from concurrency_report.summary import CaseSummary, EventLoop, Traits, Workers
from concurrency_report.verdicts import Mark, Verdict, judge, memory_ratio, times

SEQUENTIAL = Traits(Workers.NONE, EventLoop.ABSENT)
PER_JOB = Traits(Workers.PER_JOB, EventLoop.ABSENT)
POOL = Traits(Workers.BOUNDED, EventLoop.ABSENT)
LOOP = Traits(Workers.NONE, EventLoop.STALLED)
LOOP_AND_POOL = Traits(Workers.BOUNDED, EventLoop.KEPT_FREE)

Figure = float | Sequence[float]


def case(
    name: str, traits: Traits | None, wall_s: Figure, cpu_s: Figure = 0.1, **figures: Figure
) -> CaseSummary:
    """Figures of round after round; one alone is a single sample's."""

    def rounds(figure: Figure) -> Mapping[int, float]:
        return dict(enumerate([figure] if isinstance(figure, int | float) else figure))

    single_process = {"processes": 0, "sys_s": [0.0] * len(rounds(cpu_s))}
    given = {"wall_s": wall_s, "user_s": cpu_s, **single_process, **figures}
    return CaseSummary(
        name=name,
        number=None,
        samples={figure: rounds(values) for figure, values in given.items()},
        traits=traits,
    )


def one(name: str, cases: Sequence[CaseSummary], cores: int = 2) -> Verdict:
    return judge(cases, cores)[name]


def marks(cases: Sequence[CaseSummary], cores: int = 2) -> list[Mark | None]:
    judged = judge(cases, cores)
    return [judged[each.name].mark if each.name in judged else None for each in cases]


SEQUENTIAL_IO = case("io_sequential", SEQUENTIAL, 1.0, 0.04)


def io(*others: CaseSummary) -> list[CaseSummary]:
    return [SEQUENTIAL_IO, *others]


def test_a_case_without_real_gain_is_poor() -> None:
    cases = io(case("io_b", POOL, 0.5), case("io_a", LOOP, 0.95), case("io_c", LOOP, 1.1))
    assert marks(cases)[2:] == [Mark.POOR, Mark.POOR]
    assert one("io_a", cases).comment == "hardly faster than one after another: 1.05 ×"
    assert one("io_c", cases).comment == "no faster than one after another: 0.91 ×"


def test_a_gain_that_may_be_noise_is_none_and_says_so() -> None:
    cases = [
        case("io_sequential", SEQUENTIAL, [1.0, 1.0, 1.0]),
        case("io_a", POOL, [0.5, 0.8, 1.25], [0.1] * 3),
    ]
    assert one("io_a", cases) == Verdict(
        Mark.POOR, "not reliably faster than one after another: 1.2 ×, within 0.80 to 2.00"
    )


def test_a_baseline_that_waits_says_for_how_long() -> None:
    assert one("io_sequential", io(case("io_a", POOL, 0.1))) == Verdict(
        Mark.POOR, "waits for 96 % of the time: 1.00 s for 0.040 s of work"
    )


def test_a_baseline_that_computes_says_which_cores_it_leaves_alone() -> None:
    cases = [
        case("cpu_sequential", SEQUENTIAL, 1.0, 1.0),
        case("cpu_pool/workers:4", POOL, 0.25, 1.0),
        case("cpu_threads", PER_JOB, 0.5, 1.0),
    ]
    assert one("cpu_sequential", cases, cores=4) == Verdict(
        Mark.POOR, "keeps 1 of 4 cores busy: pool with 4 workers is 4.0 × as fast"
    )


def test_a_baseline_is_not_compared_with_what_may_be_noise() -> None:
    cases = [
        case("cpu_sequential", SEQUENTIAL, [1.0] * 3, [1.0] * 3),
        case("cpu_erratic", POOL, [0.2, 0.3, 1.2], [1.0] * 3),
        case("cpu_steady", POOL, [0.5] * 3, [1.0] * 3),
    ]
    assert one("cpu_sequential", cases).comment.endswith(": steady is 2.0 × as fast")


def test_where_nothing_gains_doing_one_after_another_is_good() -> None:
    cases = [
        case("cpu_sequential", SEQUENTIAL, 1.0, 1.0),
        case("cpu_threads", PER_JOB, 1.02, 1.0),
        case("cpu_pool/workers:1", POOL, 1.05, 1.0),
    ]
    assert marks(cases) == [Mark.GOOD, Mark.POOR, Mark.POOR]
    comment = "nothing is really faster on one core: of the others, threads is 0.98 × as fast"
    assert one("cpu_sequential", cases, cores=1).comment == comment
    assert one("cpu_sequential", cases, cores=2).comment == comment.replace(" on one core", "")


def test_a_gain_of_an_unbounded_case_alone_makes_the_baseline_poor() -> None:
    assert marks(io(case("io_a", PER_JOB, 0.1))) == [Mark.POOR, Mark.FAIR]


def test_of_several_sequential_cases_the_slowest_is_the_baseline() -> None:
    cases = [case("io_a", SEQUENTIAL, 1.0), case("io_b", SEQUENTIAL, 0.5)]
    assert marks(cases) == [Mark.POOR, Mark.GOOD]
    assert one("io_b", cases).comment.endswith(": 2.0 × as fast as one after another")


def test_a_worker_for_every_job_is_fair_however_fast() -> None:
    cases = io(
        case("io_threads", PER_JOB, 0.1, threads=30),
        case("io_processes", PER_JOB, 0.1, processes=30, threads=0),
        case("io_a", PER_JOB, 0.125),
        case("io_b", POOL, 0.5),
    )
    assert marks(cases)[1:] == [Mark.FAIR, Mark.FAIR, Mark.FAIR, Mark.GOOD]
    beginning = "10 × as fast as one after another, but starts a worker for every job"
    assert one("io_threads", cases).comment == f"{beginning}: 30 threads here, without bound"
    assert one("io_processes", cases).comment == f"{beginning}: 30 processes here, without bound"
    assert one("io_a", cases).comment == f"{beginning.replace('10', '8.0')}, without bound"


def test_the_fastest_with_a_bound_is_good_and_the_slower_fair() -> None:
    cases = io(case("io_async", LOOP, 0.1), case("io_thread_pool/workers:6", POOL, 0.2))
    assert marks(cases)[1:] == [Mark.GOOD, Mark.FAIR]
    assert one("io_async", cases).comment == (
        "nothing with a bound is as fast: 10 × as fast as one after another"
    )
    assert one("io_thread_pool/workers:6", cases).comment == (
        "5.0 × as fast as one after another, but takes 2.0 × as long as async"
    )


def test_all_that_are_as_fast_at_a_like_cost_are_good() -> None:
    cases = io(
        case("io_a", LOOP, 0.10, 0.100, max_rss_kb=1000),
        case("io_b", POOL, 0.11, 0.114, max_rss_kb=1490),
    )
    assert marks(cases)[1:] == [Mark.GOOD, Mark.GOOD]
    assert "for clearly less: 9.1 × as fast" in one("io_b", cases).comment


def test_as_fast_at_more_cpu_time_is_fair() -> None:
    cases = io(case("io_a/workers:1", POOL, 0.11, 0.1), case("io_b", LOOP, 0.1, 0.16))
    assert marks(cases)[1:] == [Mark.GOOD, Mark.FAIR]
    assert one("io_b", cases).comment == "as fast as a with 1 worker at 1.6 × the CPU time"


def test_as_fast_at_more_memory_is_fair() -> None:
    cases = io(
        case("io_a", POOL, 0.1, total_pss_kb=1000),
        case("io_b", LOOP, 0.1, total_pss_kb=4100),
        case("io_c", LOOP, 0.1, 0.2, total_pss_kb=1500),
    )
    assert marks(cases)[1:] == [Mark.GOOD, Mark.FAIR, Mark.FAIR]
    assert one("io_b", cases).comment == "as fast as a at 4.1 × the memory"
    assert one("io_c", cases).comment == "as fast as a at 2.0 × the CPU time and 1.5 × the memory"


def test_of_several_that_are_cheaper_the_one_with_the_least_cpu_time_is_named() -> None:
    cases = io(
        case("io_a", POOL, 0.1, 0.2), case("io_b", POOL, 0.1, 0.1), case("io_c", LOOP, 0.1, 0.4)
    )
    assert one("io_c", cases).comment == "as fast as b at 4.0 × the CPU time"


def test_a_case_as_fast_as_an_erratic_one_dominates_no_steady_faster_one() -> None:
    cases = [
        case("io_sequential", SEQUENTIAL, [10.0] * 3),
        case("io_erratic", POOL, [0.98, 1.2, 0.9], [0.2] * 3),
        case("io_slower", POOL, [1.1] * 3, [0.1] * 3),
        case("io_steady", LOOP, [1.0, 0.99, 1.01], [0.2] * 3),
    ]
    assert one("io_erratic", cases).comment == "as fast as slower at 2.0 × the CPU time"
    assert one("io_steady", cases).mark is Mark.GOOD


def test_what_costs_less_of_one_and_more_of_the_other_dominates_nobody() -> None:
    cases = io(
        case("io_a", POOL, 0.1, 0.1, max_rss_kb=2000),
        case("io_b", LOOP, 0.1, 0.2, max_rss_kb=1000),
    )
    assert marks(cases)[1:] == [Mark.GOOD, Mark.GOOD]


def test_a_cheaper_case_that_is_slower_or_unbounded_dominates_nobody() -> None:
    cases = io(
        case("io_a", LOOP, 0.1, 0.2),
        case("io_b", POOL, 0.2, 0.1),
        case("io_c", PER_JOB, 0.1, 0.1),
    )
    assert marks(cases)[1:] == [Mark.GOOD, Mark.FAIR, Mark.FAIR]


def test_more_cpu_time_that_is_noise_or_negligible_costs_nothing() -> None:
    def second(cpu_a: Figure, cpu_b: Figure) -> Mark | None:
        walls = [0.1] * 3
        cases = [
            case("io_sequential", SEQUENTIAL, [1.0] * 3),
            case("io_a", POOL, walls, cpu_a),
            case("io_b", POOL, walls, cpu_b),
        ]
        return marks(cases)[2]

    assert second([0.01] * 3, [0.012, 0.012, 0.012]) is Mark.FAIR
    assert second([0.01] * 3, [0.012, 0.012, 0.009]) is Mark.GOOD
    assert second([0.001] * 3, [0.0019] * 3) is Mark.GOOD
    assert second([0.001] * 3, [0.0021] * 3) is Mark.FAIR


def test_memory_is_compared_like_with_like() -> None:
    total = case("io_a", POOL, 1, total_pss_kb=3000, max_rss_kb=1000, processes=2)
    single = case("io_b", POOL, 1, max_rss_kb=2000)
    both = case("io_c", POOL, 1, total_pss_kb=1000, max_rss_kb=500)
    assert memory_ratio(total, both) == 3
    assert memory_ratio(single, both) == 4
    assert memory_ratio(total, single) is None


def test_the_resident_set_of_one_process_of_several_is_not_their_memory() -> None:
    cases = io(
        case("io_a", POOL, 0.1, processes=2, max_rss_kb=100),
        case("io_b", POOL, 0.1, max_rss_kb=1000),
    )
    assert marks(cases)[1:] == [Mark.GOOD, Mark.GOOD]


def blocked_loop(name: str, wall_s: float, loop_blocked_s: float) -> CaseSummary:
    return case(name, LOOP, wall_s, loop_blocked_s=loop_blocked_s)


def test_without_a_sequential_case_the_loop_that_stands_still_is_the_baseline() -> None:
    cases = [
        blocked_loop("mixed_async", 0.316, 0.307),
        case("mixed_pool/workers:2", LOOP_AND_POOL, 0.158, loop_blocked_s=0),
    ]
    assert marks(cases) == [Mark.POOR, Mark.GOOD]
    assert one("mixed_async", cases).comment == "the event loop stood still for 307 ms of 316"
    assert one("mixed_pool/workers:2", cases).comment == (
        "nothing with a bound is as fast: 2.0 × as fast as async, which blocks its loop"
    )


def test_a_blocked_loop_is_poor_even_if_nothing_gains() -> None:
    cases = [
        blocked_loop("mixed_async", 2.0, 1.5),
        case("mixed_pool/workers:2", LOOP_AND_POOL, 2.0, loop_blocked_s=0),
    ]
    assert marks(cases, cores=1) == [Mark.POOR, Mark.POOR]
    assert one("mixed_async", cases).comment == "the event loop stood still for 1.50 s of 2.00"
    assert one("mixed_pool/workers:2", cases).comment == (
        "no faster than async, which blocks its loop: 1.00 ×, though it keeps its own free"
    )


def test_of_several_loops_the_one_that_stood_still_for_longest_is_the_baseline() -> None:
    cases = [
        blocked_loop("mixed_a", 1.5, 0.5),
        blocked_loop("mixed_b", 1.2, 0.9),
        blocked_loop("mixed_c", 0.1, 0.08),
    ]
    assert "which blocks its loop" in one("mixed_c", cases).comment
    assert " b," in one("mixed_c", cases).comment


def test_a_loop_that_hardly_stands_still_is_a_baseline_like_any_other() -> None:
    mostly_free = blocked_loop("mixed_async", 1.0, 0.1)
    slower = case("mixed_pool/workers:2", LOOP_AND_POOL, 1.1)
    faster = case("mixed_pool/workers:2", LOOP_AND_POOL, 0.5)
    assert marks([mostly_free, slower]) == [Mark.GOOD, Mark.POOR]
    assert marks([mostly_free, faster]) == [Mark.POOR, Mark.GOOD]
    assert (
        one("mixed_async", [mostly_free, faster]).comment == "pool with 2 workers is 2.0 × as fast"
    )


def test_a_loop_whose_stalls_were_not_measured_counts_as_blocked() -> None:
    cases = [case("mixed_async", LOOP, 0.5), case("mixed_pool", LOOP_AND_POOL, 0.5)]
    assert one("mixed_async", cases) == Verdict(
        Mark.POOR, "every blocking step stalls the event loop: it takes 0.500 s"
    )


def test_without_a_baseline_there_are_no_verdicts() -> None:
    assert judge([blocked_loop("io_async", 0.1, 0), case("io_pool", POOL, 0.2)], 2) == {}
    assert judge([], 2) == {}


def test_a_baseline_alone_has_no_verdict_unless_its_loop_is_blocked() -> None:
    assert marks([SEQUENTIAL_IO, blocked_loop("mixed_async", 1, 1)]) == [None, Mark.POOR]


def test_what_failed_or_is_unknown_has_no_verdict_and_disturbs_none() -> None:
    failed = CaseSummary("io_a", None, error="boom", traits=POOL)
    unknown = case("io_b", None, 0.01)
    cases = io(failed, unknown, case("io_c", POOL, 0.1))
    assert marks(cases) == [Mark.POOR, None, None, Mark.GOOD]
    assert judge([failed, unknown], 2) == {}


def test_a_failed_baseline_is_none() -> None:
    failed = CaseSummary("io_sequential", None, error="boom", traits=SEQUENTIAL)
    assert judge([failed, case("io_c", POOL, 0.1)], 2) == {}


def test_cases_without_a_round_in_common_are_not_compared() -> None:
    def only_in(number: int, name: str, wall_s: float) -> CaseSummary:
        return replace(case(name, POOL, wall_s), samples={"wall_s": {number: wall_s}})

    baseline = case("io_sequential", SEQUENTIAL, [1.0, 1.0])
    assert marks([baseline, only_in(0, "io_a", 0.1), only_in(1, "io_b", 0.5)]) == [
        Mark.POOR,
        Mark.GOOD,
        None,
    ]
    assert marks([baseline, only_in(2, "io_a", 0.1)]) == [None, None]


def test_cases_without_cpu_time_are_judged_by_their_wall_time() -> None:
    cases = [
        replace(each, samples={"wall_s": each.of("wall_s")})
        for each in io(case("io_a", POOL, 0.1), case("io_b", POOL, 0.2))
    ]
    assert marks(cases) == [Mark.POOR, Mark.GOOD, Mark.FAIR]
    assert one("io_sequential", cases).comment == "a is 10 × as fast"


def test_workloads_are_judged_apart() -> None:
    cases = [*io(case("io_a", POOL, 0.5)), case("cpu_sequential", SEQUENTIAL, 0.1)]
    assert marks(cases) == [Mark.POOR, Mark.GOOD, None]


@pytest.mark.parametrize(
    ("ratio", "text"),
    [(0.796, "0.80 ×"), (1.19, "1.19 ×"), (1.2, "1.2 ×"), (9.94, "9.9 ×"), (9.96, "10 ×")],
)
def test_ratios_are_rounded_to_what_matters(ratio: float, text: str) -> None:
    assert times(ratio) == text
