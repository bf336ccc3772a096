from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from concurrency_report.machine_results import MachineResults
from concurrency_report.published import published_machines
from concurrency_report.recommendation import Recommendation, recommend
from concurrency_report.summary import CaseSummary, EventLoop, Traits, Workers

TRAITS = {
    "sequential": Traits(Workers.NONE, EventLoop.ABSENT),
    "threads": Traits(Workers.PER_JOB, EventLoop.ABSENT),
    "thread_pool": Traits(Workers.BOUNDED, EventLoop.ABSENT),
    "process_pool": Traits(Workers.BOUNDED, EventLoop.ABSENT),
    "async": Traits(Workers.NONE, EventLoop.STALLED),
    "async_thread_pool": Traits(Workers.BOUNDED, EventLoop.KEPT_FREE),
    "async_process_pool": Traits(Workers.BOUNDED, EventLoop.KEPT_FREE),
}


def run(name: str, wall_s: float, cpu_s: float, **figures: float) -> CaseSummary:
    given = {"wall_s": wall_s, "user_s": cpu_s, "sys_s": 0.0, "processes": 0.0, **figures}
    case = CaseSummary(name, None, {figure: {0: value} for figure, value in given.items()})
    return replace(case, traits=TRAITS.get(case.model))


def machine(
    cases: Sequence[CaseSummary], claims: Sequence[CaseSummary] = (), cores: int = 2
) -> MachineResults:
    return MachineResults(Path(), {"usable_cores": cores}, cases, claims, {})


def only(cases: Sequence[CaseSummary], claims: Sequence[CaseSummary] = ()) -> Recommendation:
    (found,) = recommend(machine(cases, claims))
    return found


SEQUENTIAL = run("io_sequential", 1.0, 0.02, max_rss_kb=10240)
ASYNC = run("io_async", 0.1, 0.03, max_rss_kb=11264)


def test_the_pick_has_its_figures_and_the_runner_up_its_price() -> None:
    found = only([SEQUENTIAL, ASYNC, run("io_thread_pool/workers:6", 0.2, 0.045, max_rss_kb=22528)])
    assert found == Recommendation(
        work="IO-bound work",
        pick="async",
        reason="10 × as fast as one after another: 0.100 s of wall time, 0.030 s of CPU time, "
        "11.0 MiB of memory.",
        runner_up="thread_pool with 6 workers: 2.0 × the time, 1.5 × the CPU time, "
        "2.0 × the memory",
    )


def test_works_come_in_order_and_those_not_measured_are_left_out() -> None:
    cases = [
        run("mixed_async", 1, 1, loop_blocked_s=1.0),
        run("mixed_async_thread_pool/workers:2", 0.5, 1),
        run("blocking_async", 1, 1, loop_blocked_s=1.0),
        run("blocking_async_thread_pool/workers:2", 0.5, 1),
        SEQUENTIAL,
        ASYNC,
    ]
    assert [each.work for each in recommend(machine(cases))] == ["IO-bound work", "mixed work"]
    assert recommend(machine([])) == []


def test_without_a_choice_or_a_baseline_there_is_nothing_to_recommend() -> None:
    assert recommend(machine([SEQUENTIAL])) == []
    pools = [run(f"io_{model}_pool/workers:6", 0.2, 0.04) for model in ("thread", "process")]
    assert recommend(machine(pools)) == []
    failed = CaseSummary("io_sequential", None, error="boom", traits=TRAITS["sequential"])
    assert recommend(machine([failed, *pools])) == []


def test_the_sweep_offers_other_numbers_of_workers() -> None:
    study = run("io_thread_pool/workers:6", 0.5, 0.03)
    found = only([SEQUENTIAL, study], [run("io_thread_pool/workers:32", 0.1, 0.03)])
    assert found.pick == "thread_pool with 32 workers"
    assert found.runner_up == "sequential: 10 × the time, 0.67 × the CPU time"


def test_the_studys_own_samples_come_before_the_sweeps() -> None:
    study = run("io_thread_pool/workers:6", 0.5, 0.03)
    found = only([SEQUENTIAL, study], [run("io_thread_pool/workers:6", 0.1, 0.03)])
    assert found.reason.startswith("2.0 ×")


def test_runs_of_other_work_are_no_candidates() -> None:
    claims = [
        run("io_async/fetches:3/latency_scale:0", 0.001, 0.001),
        run("io_thread_pool/workers:6/fetches:3/latency_scale:0", 0.001, 0.001),
        run("io_thread_pool/workers:1/cores:1", 0.001, 0.001),
        run("io_async/fetches:1000/latency_scale:0/scheme:http", 0.001, 0.001),
    ]
    assert only([SEQUENTIAL, ASYNC], claims).reason.startswith("10 × as fast")


def test_of_the_fast_the_one_with_the_least_cpu_time_is_picked() -> None:
    claims = [run("io_thread_pool/workers:32", 0.09, 0.05)]
    found = only([SEQUENTIAL, ASYNC], claims)
    assert found.pick == "async"
    assert found.runner_up == "thread_pool with 32 workers: 0.90 × the time, 1.7 × the CPU time"


def test_a_pool_with_a_worker_for_every_job_is_not_picked_unless_each_has_a_core() -> None:
    cases = [
        SEQUENTIAL,
        ASYNC,
        run("io_threads", 0.05, 0.03, threads=30.0),
        run("io_thread_pool/workers:29", 0.07, 0.03),
        run("io_thread_pool/workers:30", 0.05, 0.02),
    ]
    (few,) = recommend(machine(cases, cores=2))
    assert few.pick == "thread_pool with 29 workers"
    (many,) = recommend(machine(cases, cores=30))
    assert many.pick == "thread_pool with 30 workers"


def test_at_equal_cpu_time_the_fewest_workers_are_picked() -> None:
    sequential = run("cpu_sequential", 1.0, 1.0)
    claims = [
        run("cpu_process_pool/workers:1", 1.0, 0.99),
        run("cpu_process_pool/workers:2", 0.52, 1.04, total_pss_kb=2000),
        run("cpu_process_pool/workers:4", 0.5, 1.0, total_pss_kb=1000),
        run("cpu_process_pool/workers:8", 0.49, 1.01),
    ]
    found = only([sequential], claims)
    assert found.pick == "process_pool with 2 workers"
    assert found.reason.endswith("2.0 MiB of memory; more workers, up to 8, gain nothing.")


def test_at_equal_workers_the_least_memory_is_picked_and_unknown_is_the_most() -> None:
    sequential = run("cpu_sequential", 1.0, 1.0)

    def pick(process_pool: CaseSummary) -> str:
        thread_pool = run("cpu_thread_pool/workers:2", 0.5, 1.0, max_rss_kb=11000)
        return only([sequential, process_pool, thread_pool]).pick

    processes = run("cpu_process_pool/workers:2", 0.5, 1.0, processes=2, max_rss_kb=5000)
    assert pick(processes) == "thread_pool with 2 workers"
    assert pick(processes.with_figure("total_pss_kb", {0: 9000})) == "process_pool with 2 workers"


def test_an_unbounded_model_is_not_picked_but_mentioned_where_it_is_faster() -> None:
    def reason(wall_s: float) -> str:
        found = only([SEQUENTIAL, ASYNC, run("io_threads", wall_s, 0.03, threads=30)])
        assert found.pick == "async"
        assert found.runner_up is not None
        assert found.runner_up.startswith("sequential")
        return found.reason

    assert reason(0.05).endswith("; threads is 2.0 × as fast, but without bound on its workers.")
    assert "threads" not in reason(0.095)


def test_where_nothing_gains_the_baseline_is_picked() -> None:
    cases = [run("cpu_sequential", 1, 1), run("cpu_thread_pool/workers:5", 1.02, 1)]
    (found,) = recommend(machine(cases, cores=1))
    assert found.pick == "sequential"
    assert found.reason == (
        "nothing is really faster (thread_pool with 5 workers: 0.98 × as fast): "
        "1.00 s of wall time, 1.00 s of CPU time."
    )
    assert found.runner_up == "thread_pool with 5 workers: 1.02 × the time, 1.00 × the CPU time"


def test_a_picked_baseline_that_blocks_its_loop_says_so() -> None:
    cases = [
        run("mixed_async", 1, 1, loop_blocked_s=0.9),
        run("mixed_async_thread_pool/workers:5", 1, 1),
    ]
    assert only(cases).reason.endswith("; but its loop stands still in blocking steps.")


def test_only_unbounded_models_beside_the_baseline_leave_no_runner_up() -> None:
    found = only([SEQUENTIAL, run("io_threads", 0.1, 0.03)])
    assert found.pick == "sequential"
    assert found.reason.startswith("nothing else with a bound was measured: 1.00 s")
    assert "threads is 10 × as fast" in found.reason
    assert found.runner_up is None


def test_figures_that_are_missing_are_left_out() -> None:
    cases = [
        replace(each, samples={"wall_s": each.of("wall_s")})
        for each in (SEQUENTIAL, ASYNC, run("io_thread_pool/workers:6", 0.2, 0.04))
    ]
    found = only(cases)
    assert found.reason == "10 × as fast as one after another: 0.100 s of wall time."
    assert found.runner_up == "thread_pool with 6 workers: 2.0 × the time"


def test_the_published_machines_get_what_their_author_concluded() -> None:
    picks = {
        published.name: [
            each.pick for each in recommend(machine(published.cases, cores=published.cores))
        ]
        for published in published_machines()
    }
    assert picks == {
        "linux-10core": [
            "thread_pool with 14 workers",
            "process_pool with 10 workers",
            "async_process_pool with 10 workers",
        ],
        "macos-2core": [
            "thread_pool with 8 workers",
            "process_pool with 4 workers",
            "async_process_pool with 4 workers",
        ],
        "linux-1core": ["async", "sequential", "async"],
    }
