from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from concurrency_report.claims import Answer, Claim, examine
from concurrency_report.claims.cpu_work import most_to_gain
from concurrency_report.machine_results import MachineResults
from concurrency_report.results import Json
from concurrency_report.summary import CaseSummary, EventLoop, Traits, Workers

from .samples import MODELS

# Seconds by the name of the run; one for each round, or one for all five.
Walls = Mapping[str, float | Sequence[float]]

STUDY: dict[str, float] = {
    "io_sequential": 0.5,
    "io_threads": 0.05,
    "io_processes": 0.06,
    "io_thread_pool/workers:6": 0.11,
    "io_process_pool/workers:2": 0.27,
    "io_async": 0.055,
    "io_async_sequential": 0.51,
    "cpu_sequential": 0.6,
    "cpu_threads": 0.31,
    "cpu_processes": 0.32,
    "cpu_thread_pool/workers:6": 0.32,
    "cpu_process_pool/workers:2": 0.32,
    "mixed_async": 0.33,
    "mixed_async_thread_pool/workers:6": 0.17,
    "mixed_async_process_pool/workers:2": 0.17,
}
ONE_CORE: dict[str, float] = STUDY | {
    "cpu_threads": 0.61,
    "cpu_processes": 0.62,
    "cpu_thread_pool/workers:5": 0.6,
    "cpu_process_pool/workers:1": 0.61,
    "mixed_async_process_pool/workers:1": 0.33,
}
LOCK: dict[str, float] = {"cpu_sequential": 0.6, "cpu_threads": 0.31, "cpu_gil_threads": 0.61}
DISK: dict[str, float] = {
    "disk_sequential": 0.05,
    "disk_async": 0.05,
    "disk_thread_pool/workers:6": 0.03,
}
FEWER_CORES: dict[str, float] = {
    "cpu_sequential/cores:1": 0.6,
    "cpu_threads/cores:1": 0.6,
    "cpu_processes/cores:1": 0.61,
    "cpu_process_pool/workers:1/cores:1": 0.6,
}
CPU_SWEEP: dict[str, float] = {
    "cpu_process_pool/workers:1": 0.6,
    "cpu_process_pool/workers:2": 0.32,
    "cpu_process_pool/workers:4": 0.31,
}
IO_SWEEP: dict[str, float] = {
    "io_thread_pool/workers:1": 0.5,
    "io_thread_pool/workers:2": 0.26,
    "io_thread_pool/workers:4": 0.14,
    "io_thread_pool/workers:8": 0.08,
}
SIZE = "fetches:1000/latency_scale:0"
LOOPS: dict[str, float] = {
    f"io_async/{SIZE}/scheme:http": 0.06,
    f"io_event_loop_per_process/workers:2/{SIZE}/scheme:http": 0.04,
    f"io_async/{SIZE}/scheme:https": 0.45,
    f"io_event_loop_per_process/workers:2/{SIZE}/scheme:https": 0.38,
}
FROM_DISK: dict[str, Json] = {"page_cache": "dropped before each run", "event_loop": "epoll"}


def run(name: str, wall: float | Sequence[float], **figures: float) -> CaseSummary:
    walls = [wall] * 5 if isinstance(wall, float | int) else wall
    summary = CaseSummary(
        f"{name}/real_time",
        None,
        {
            "wall_s": dict(enumerate(walls)),
            **{key: dict.fromkeys(range(len(walls)), value) for key, value in figures.items()},
        },
    )
    workers, event_loop = MODELS.get(summary.model, ("bounded", "absent"))
    return replace(summary, traits=Traits(Workers(workers), EventLoop(event_loop)))


def runs(walls: Walls) -> list[CaseSummary]:
    return [run(name, wall) for name, wall in walls.items()]


def failed(name: str) -> CaseSummary:
    return CaseSummary(f"{name}/real_time", None, error="no answer from 127.0.0.1")


def without(walls: Mapping[str, float], *names: str) -> dict[str, float]:
    return {name: wall for name, wall in walls.items() if name not in names}


def machine(
    cases: Sequence[CaseSummary] = (),
    claims: Sequence[CaseSummary] = (),
    cores: int = 2,
    context: Mapping[str, Json] | None = None,
) -> MachineResults:
    return MachineResults(Path(), {"usable_cores": cores, **(context or {})}, cases, claims, {})


def tasks(gains: Mapping[int, Mapping[int, float]], workers: int = 6) -> list[CaseSummary]:
    """Async's speedups over the pool by latency scale and number of tasks."""
    return [
        each
        for scale, by_tasks in gains.items()
        for number, gain in by_tasks.items()
        for each in (
            run(f"io_async/fetches:{number}/latency_scale:{scale}", 0.01),
            run(
                f"io_thread_pool/workers:{workers}/fetches:{number}/latency_scale:{scale}",
                0.01 * gain,
            ),
        )
    ]


def claim(number: int, results: MachineResults) -> Claim:
    found = examine(results)[number - 1]
    assert found.number == number
    assert found.evidence
    for sentence in found.evidence:
        assert sentence.endswith(".")
        assert ".." not in sentence
    return found


def text(found: Claim) -> str:
    return " ".join(found.evidence)


def test_all_seven_come_in_order_for_a_machine_without_measurements() -> None:
    claims = examine(machine())
    assert [each.number for each in claims] == [1, 2, 3, 4, 5, 6, 7]
    assert len({each.text for each in claims}) == 7
    assert {each.answer for each in claims} == {Answer.UNKNOWN}
    assert all("Not measured here: " in text(each) for each in claims)


def test_all_seven_hold_where_all_were_measured_and_nothing_speaks_against_them() -> None:
    claims = [
        *runs({**LOCK, **DISK, **FEWER_CORES, **CPU_SWEEP, **IO_SWEEP, **LOOPS}),
        *tasks({1: {3: 1, 100: 4}}),
    ]
    found = examine(machine(runs(STUDY), claims, context=FROM_DISK))
    assert [each.answer for each in found] == [Answer.HOLDS] * 7


def test_a_single_sample_is_enough_and_has_no_interval() -> None:
    factors = {"cpu_sequential": 1, "cpu_threads": 2, "cpu_gil_threads": 1}
    found = claim(2, machine((), [run(name, [0.6 / n]) for name, n in factors.items()]))
    assert found.answer is Answer.HOLDS
    assert "cpu_threads is 2.00 × as fast as cpu_sequential." in found.evidence


def test_a_run_that_failed_is_named_with_its_reason() -> None:
    found = claim(
        2, machine((), [*runs(without(LOCK, "cpu_gil_threads")), failed("cpu_gil_threads")])
    )
    assert found.answer is Answer.UNKNOWN
    assert list(found.evidence) == ["cpu_gil_threads failed: no answer from 127.0.0.1."]


def test_a_sample_that_failed_takes_nothing_from_the_others() -> None:
    with_error = [replace(each, error="no answer") for each in runs(LOCK)]
    assert claim(2, machine((), with_error)).answer is Answer.HOLDS


def test_runs_that_share_no_round_cannot_be_compared() -> None:
    late = replace(run("cpu_gil_threads", 0.6), samples={"wall_s": {9: 0.6}})
    found = claim(2, machine((), [*runs(without(LOCK, "cpu_gil_threads")), late]))
    assert found.answer is Answer.UNKNOWN
    assert list(found.evidence) == ["No round has both cpu_gil_threads and cpu_sequential."]


# 1: the task


def test_the_task_decides() -> None:
    found = claim(1, machine(runs(STUDY)))
    assert found.answer is Answer.HOLDS
    assert "io_async is 9.09 × (9.09 to 9.09) as fast as io_sequential" in text(found)
    assert "a thread pool computes as well" in text(found)


def test_models_with_a_worker_for_each_job_do_not_compete() -> None:
    assert claim(1, machine(runs(STUDY | {"io_processes": 0.01}))).answer is Answer.HOLDS
    assert claim(1, machine(runs(STUDY | {"cpu_threads": 0.1}))).answer is Answer.HOLDS


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"io_process_pool/workers:2": 0.04}, "io_process_pool with 2 workers is 1.38 ×"),
        ({"io_async": 0.5, "io_thread_pool/workers:6": 0.5}, "no real gain"),
        ({"cpu_thread_pool/workers:6": 0.25}, "cpu_thread_pool with 6 workers is 1.28 ×"),
        ({"mixed_async_process_pool/workers:2": 0.33}, "async alone computes as well"),
    ],
)
def test_the_task_does_not_decide(change: Walls, reason: str) -> None:
    found = claim(1, machine(runs({**STUDY, **change})))
    assert found.answer is Answer.FAILS
    assert reason in text(found)


def test_one_model_that_is_best_at_both_speaks_against_the_task() -> None:
    walls = STUDY | {"io_thread_pool/workers:32": 0.055, "cpu_thread_pool/workers:32": 0.32}
    found = claim(1, machine(runs(walls)))
    assert found.answer is Answer.FAILS
    assert "One model, thread_pool with 32 workers, is as fast" in text(found)


def test_with_workers_of_their_own_for_each_work_pools_are_not_one_model() -> None:
    found = claim(1, machine(runs(STUDY), runs({"io_thread_pool/workers:32": 0.055})))
    assert found.answer is Answer.HOLDS
    assert found.evidence[-1] == (
        "A larger thread pool fetches as fast as async: 55 ms with 32 workers."
    )


def test_on_one_core_computing_is_not_sped_up_by_a_process_pool() -> None:
    walls = without(ONE_CORE, "cpu_process_pool/workers:2", "cpu_thread_pool/workers:6")
    found = claim(1, machine(runs(walls), cores=1))
    assert found.answer is Answer.FAILS
    io, cpu = found.evidence
    assert io.startswith("IO-bound: io_async is 9.09 ×")
    assert cpu.endswith("which is no real gain: there is one core.")


def test_what_fails_is_told_whatever_is_missing_besides() -> None:
    io_only = {name: wall for name, wall in STUDY.items() if name.startswith("io_")}
    found = claim(1, machine(runs(io_only | {"io_process_pool/workers:2": 0.04})))
    assert found.answer is Answer.FAILS
    assert "Not measured here: cpu_sequential" in text(found)


def test_a_failed_pool_of_another_size_takes_no_part() -> None:
    cases = [*runs(STUDY), failed("io_process_pool/workers:9"), failed("cpu_thread_pool/workers:9")]
    assert claim(1, machine(cases)).answer is Answer.HOLDS


def test_the_study_s_own_size_of_the_pool_is_no_larger_one() -> None:
    cases = runs(STUDY | {"io_async": 0.11})
    found = claim(1, machine(cases, runs({"io_thread_pool/workers:6": 0.11})))
    assert "A larger thread pool" not in text(found)


def test_half_of_the_works_is_not_enough_to_tell() -> None:
    io_only = {name: wall for name, wall in STUDY.items() if name.startswith("io_")}
    found = claim(1, machine(runs(io_only)))
    assert found.answer is Answer.UNKNOWN
    assert "Not measured here: cpu_sequential, cpu_thread_pool and cpu_process_pool." in text(found)


def test_how_long_the_loop_stood_still_is_told() -> None:
    cases = [*runs(without(STUDY, "mixed_async")), run("mixed_async", 0.33, loop_blocked_s=0.32)]
    found = claim(1, machine(cases))
    assert "the loop of mixed_async stood still for 97 % of the time" in text(found)


# 2: the lock


def test_the_lock_makes_threads_useless() -> None:
    found = claim(2, machine((), runs(LOCK)))
    assert found.answer is Answer.HOLDS
    assert "cpu_threads is 1.94 × (1.94 to 1.94) as fast as cpu_sequential." in found.evidence
    assert "0.98 × (0.98 to 0.98) as fast." in text(found)


def test_threads_that_gain_under_the_lock_speak_against_it() -> None:
    assert claim(2, machine((), runs(LOCK | {"cpu_gil_threads": 0.4}))).answer is Answer.FAILS


def test_where_no_threads_gain_the_lock_cannot_be_told() -> None:
    found = claim(2, machine((), runs(LOCK | {"cpu_threads": 0.6}), cores=1))
    assert found.answer is Answer.UNKNOWN
    assert "gain nothing here without the lock either" in text(found)


def test_a_gain_that_may_be_noise_is_none() -> None:
    noisy = LOCK | {"cpu_gil_threads": [0.3, 0.4, 0.5, 0.5, 0.7]}
    assert claim(2, machine((), runs(noisy))).answer is Answer.HOLDS


# 3: few tasks


def test_a_pool_will_do_for_few_tasks() -> None:
    found = claim(3, machine((), tasks({1: {3: 0.96, 10: 1.17, 100: 3.8}, 0: {3: 1.3, 100: 1}})))
    assert found.answer is Answer.HOLDS
    assert found.evidence[0].startswith("Without waits, async is faster than the pool of 6 with 3 ")
    assert found.evidence[1] == (
        "With waits of 16 ms on average, the pool of 6 keeps up with up to 3 tasks; from 10 on "
        "async is faster: 1.17 × (1.17 to 1.17) as fast, 3.80 × (3.80 to 3.80) as fast with 100."
    )


@pytest.mark.parametrize(
    ("gains", "reason"),
    [
        ({3: 1.3, 100: 3}, "Async is faster with as few as 3 tasks."),
        ({3: 1, 100: 1.05}, "The pool keeps up with many tasks and long waits as well."),
    ],
)
def test_the_limits_of_the_pool_are_others(gains: Mapping[int, float], reason: str) -> None:
    found = claim(3, machine((), tasks({1: gains})))
    assert found.answer is Answer.FAILS
    assert found.evidence[-1] == reason


def test_short_waits_decide_for_the_pool_and_long_ones_for_async() -> None:
    assert (
        claim(3, machine((), tasks({1: {3: 1, 100: 1}, 4: {3: 2, 100: 2}}))).answer is Answer.HOLDS
    )
    assert (
        claim(3, machine((), tasks({4: {3: 1, 100: 1}, 1: {3: 2, 100: 2}}))).answer is Answer.FAILS
    )


def test_a_pool_that_is_never_or_always_short_of_workers_does_not_tell() -> None:
    assert claim(3, machine((), tasks({1: {3: 1, 100: 1}}, 100))).answer is Answer.UNKNOWN
    assert claim(3, machine((), tasks({1: {10: 2, 100: 4}}))).answer is Answer.UNKNOWN


def test_one_number_of_tasks_or_no_waits_do_not_tell() -> None:
    assert claim(3, machine((), tasks({1: {3: 1}}))).answer is Answer.UNKNOWN
    assert claim(3, machine((), tasks({0: {3: 1, 100: 4}}))).answer is Answer.UNKNOWN


@pytest.mark.parametrize(
    ("gains", "course"),
    [
        ({3: 1, 10: 1}, "the pool of 6 keeps up with as many as 10 tasks"),
        ({3: 1.2, 10: 2}, "async is faster than the pool of 6 throughout"),
        ({3: 1, 10: 2}, "keeps up with up to 3 tasks; from 10 on async is faster: 2.00 ×"),
        ({3: 1, 10: 2, 30: 1}, "with 10 tasks, at most 2.00 × (2.00 to 2.00) as fast, and not "),
        ({3: 1, 10: 2, 30: 1, 99: 2}, "with 10 and 99 tasks, at most 2.00 × (2.00 to 2.00) as "),
    ],
)
def test_every_course_is_put_into_words(gains: Mapping[int, float], course: str) -> None:
    assert course in text(claim(3, machine((), tasks({1: gains}))))


# 4: the disk


def test_a_pool_reads_files_while_a_loop_stands_still() -> None:
    reads = [*runs(without(DISK, "disk_async")), run("disk_async", 0.05, loop_blocked_s=0.0499)]
    found = claim(4, machine((), reads, context=FROM_DISK))
    assert found.answer is Answer.HOLDS
    assert "stood still for 100 % of the time" in text(found)


@pytest.mark.parametrize("page_cache", ["in use: files stay in memory between runs", None])
def test_what_did_not_come_from_the_disk_tells_nothing_of_it(page_cache: str | None) -> None:
    context: Mapping[str, Json] = {} if page_cache is None else {"page_cache": page_cache}
    found = claim(4, machine((), runs(DISK), context=context))
    assert found.answer is Answer.UNKNOWN
    assert "page cache" in found.evidence[-1]


def test_a_loop_that_awaits_files_needs_no_pool() -> None:
    reads = [*runs(without(DISK, "disk_async")), run("disk_async", 0.03, loop_blocked_s=0.0)]
    found = claim(4, machine((), reads, context={**FROM_DISK, "event_loop": "io_uring"}))
    assert found.answer is Answer.FAILS
    assert "io_uring" in found.evidence[-1]


def test_a_loop_that_stood_still_has_not_awaited_whatever_its_gain() -> None:
    reads = [*runs(without(DISK, "disk_async")), run("disk_async", 0.045, loop_blocked_s=0.045)]
    assert claim(4, machine((), reads, context=FROM_DISK)).answer is Answer.HOLDS


def test_a_pool_may_gain_nothing_on_a_disk() -> None:
    reads = DISK | {"disk_thread_pool/workers:6": 0.05}
    found = claim(4, machine((), runs(reads), context=FROM_DISK))
    assert found.answer is Answer.FAILS
    assert "gains nothing either" in text(found)


# 5: cores


def test_one_core_does_not_help_and_more_do() -> None:
    found = claim(5, machine((), runs({**LOCK, **FEWER_CORES, **CPU_SWEEP})))
    assert found.answer is Answer.HOLDS
    assert "1.00 × (1.00 to 1.00) as fast on 1 and 1.88 × (1.88 to 1.88) as fast on 2" in text(
        found
    )


def test_a_gain_on_one_core_speaks_against_it() -> None:
    walls = {**LOCK, **FEWER_CORES, **CPU_SWEEP, "cpu_threads/cores:1": 0.4}
    found = claim(5, machine((), runs(walls)))
    assert found.answer is Answer.FAILS
    assert "cpu_threads did help" in text(found)


def test_no_gain_on_all_cores_speaks_against_it() -> None:
    walls = {**LOCK, **FEWER_CORES, **CPU_SWEEP, "cpu_process_pool/workers:2": 0.6}
    found = claim(5, machine((), runs(walls)))
    assert found.answer is Answer.FAILS
    assert found.evidence[-1].endswith("no real gain on all cores.")


def eight_cores(on_four: float, on_eight: float) -> dict[str, float]:
    return {
        **LOCK,
        **FEWER_CORES,
        "cpu_process_pool/workers:2/cores:2": 0.32,
        "cpu_process_pool/workers:4/cores:4": on_four,
        "cpu_process_pool/workers:8": on_eight,
    }


def test_each_step_to_more_cores_must_gain() -> None:
    assert claim(5, machine((), runs(eight_cores(0.16, 0.1)), cores=8)).answer is Answer.HOLDS
    found = claim(5, machine((), runs(eight_cores(0.16, 0.16)), cores=8))
    assert found.answer is Answer.FAILS
    assert "no real gain from 4 cores to 8" in text(found)


def test_a_step_beyond_what_the_computations_can_use_is_not_asked_for() -> None:
    results = machine((), runs(eight_cores(0.16, 0.16)), cores=8, context={"fibonacci": "32:38:3"})
    assert claim(5, results).answer is Answer.HOLDS


def test_a_small_step_is_not_asked_for() -> None:
    walls = eight_cores(0.16, 0.1)
    walls = without(walls, "cpu_process_pool/workers:8") | {"cpu_process_pool/workers:5": 0.155}
    assert claim(5, machine((), runs(walls), cores=5)).answer is Answer.HOLDS


def test_a_machine_with_one_core_shows_the_first_half_only() -> None:
    walls = without(ONE_CORE, "cpu_process_pool/workers:2", "cpu_thread_pool/workers:6")
    found = claim(5, machine(runs(walls), cores=1))
    assert found.answer is Answer.UNKNOWN
    assert "no real gain." in found.evidence[0]
    assert found.evidence[1] == (
        "Whether more cores are better cannot be told on a machine with one."
    )


def test_missing_numbers_of_cores_are_named() -> None:
    walls = without(eight_cores(0.16, 0.1), "cpu_process_pool/workers:4/cores:4")
    found = claim(5, machine((), runs(walls), cores=8))
    assert found.answer is Answer.UNKNOWN
    assert "Not measured here: cpu_process_pool/workers:4/cores:4." in text(found)


# 6: the size of pools


def test_as_many_processes_as_cores_and_more_threads() -> None:
    found = claim(6, machine((), runs({**CPU_SWEEP, **IO_SWEEP})))
    assert found.answer is Answer.HOLDS
    assert "takes 320 ms, which is 1.88 × (1.88 to 1.88) as fast as with 1" in text(found)
    assert "up to 8 workers, the most that were tried: 80 ms" in text(found)


def test_fewer_processes_may_do() -> None:
    walls = {**CPU_SWEEP, **IO_SWEEP, "cpu_process_pool/workers:1": 0.31}
    found = claim(6, machine((), runs(walls)))
    assert found.answer is Answer.FAILS
    assert "no more within the noise with fewer: 310 ms with 1" in text(found)


def test_more_processes_may_gain_by_leaving_no_core_idle() -> None:
    sweep = [
        *runs(IO_SWEEP),
        run("cpu_process_pool/workers:1", 0.6, cpu_pct=100),
        run("cpu_process_pool/workers:2", 0.4, cpu_pct=150),
        run("cpu_process_pool/workers:4", 0.31, cpu_pct=196),
    ]
    found = claim(6, machine((), sweep))
    assert found.answer is Answer.FAILS
    assert "the cores being busy for 98 % of the time instead of 75 %" in text(found)


def test_a_knee_beyond_the_cores_that_is_no_real_gain_does_not_matter() -> None:
    walls = {**CPU_SWEEP, **IO_SWEEP, "cpu_process_pool/workers:4": 0.299}
    assert claim(6, machine((), runs(walls))).answer is Answer.HOLDS


def test_on_one_core_one_process_will_do() -> None:
    walls = {**CPU_SWEEP, **IO_SWEEP} | {f"cpu_process_pool/workers:{n}": 0.6 for n in (1, 2, 4)}
    assert claim(6, machine((), runs(walls), cores=1)).answer is Answer.HOLDS


@pytest.mark.parametrize("numbers", [(4, 8, 16), (1, 8, 16), (1, 2, 4)])
def test_a_sweep_must_have_fewer_as_many_and_more_workers(numbers: Sequence[int]) -> None:
    cpu = {f"cpu_process_pool/workers:{n}": 0.6 / n for n in numbers}
    io = {f"io_thread_pool/workers:{n}": 0.6 / n for n in (1, 4, 8)}
    found = claim(6, machine((), runs(cpu | io), cores=4))
    assert found.answer is Answer.UNKNOWN
    assert "fewer and more" in text(found)


def test_two_numbers_of_threads_are_no_sweep() -> None:
    io = {f"io_thread_pool/workers:{n}": 0.6 / n for n in (1, 8)}
    found = claim(6, machine((), runs({**CPU_SWEEP, **io})))
    assert found.answer is Answer.UNKNOWN
    assert "io_thread_pool with 3 numbers of workers or more" in text(found)


def test_a_list_that_cannot_use_the_cores_does_not_tell() -> None:
    walls = {**IO_SWEEP, **{f"cpu_process_pool/workers:{n}": 0.6 / n for n in (1, 2, 16, 32)}}
    found = claim(6, machine((), runs(walls), cores=16, context={"fibonacci": "32:38:3"}))
    assert found.answer is Answer.UNKNOWN
    assert "which takes 7.6 times as long as its longest" in text(found)


def test_few_threads_may_do() -> None:
    walls = {**CPU_SWEEP, **{f"io_thread_pool/workers:{n}": 0.5 for n in (1, 2, 4)}}
    found = claim(6, machine((), runs(walls)))
    assert found.answer is Answer.FAILS
    assert "gets faster up to 1 worker, fewer than 2 × the cores" in text(found)


def test_too_few_fetches_for_several_times_the_cores_do_not_tell() -> None:
    cpu = {f"cpu_process_pool/workers:{n}": 0.6 / min(n, 20) for n in (1, 2, 20, 40)}
    io = {f"io_thread_pool/workers:{n}": 0.6 / min(n, 30) for n in (1, 32, 40, 80)}
    found = claim(6, machine((), runs({**cpu, **io}), cores=20, context={"fetches": 30}))
    assert found.answer is Answer.UNKNOWN
    assert "no more than 30 could fetch at once" in text(found)


# 7: a loop for each core


def test_a_loop_for_each_core_gains() -> None:
    found = claim(7, machine((), runs(LOOPS)))
    assert found.answer is Answer.HOLDS
    assert [sentence.split(",")[0] for sentence in found.evidence] == ["Over http", "Over https"]


def test_the_origin_s_share_is_told() -> None:
    name = f"io_event_loop_per_process/workers:2/{SIZE}/scheme:http"
    loops = [
        *runs(without(LOOPS, name)),
        run(name, 0.04, user_s=0.04, sys_s=0.02, origin_cpu_s=0.02),
    ]
    assert "the origin, on the same cores, took 25 % of all CPU time" in text(
        claim(7, machine((), loops))
    )


NO_GAIN = LOOPS | {f"io_event_loop_per_process/workers:2/{SIZE}/scheme:http": 0.06}


def test_without_a_gain_it_does_not_hold() -> None:
    assert (
        claim(7, machine((), runs(NO_GAIN), context={"origin_affinity": [2]})).answer
        is Answer.FAILS
    )


def test_without_cores_for_the_origin_no_gain_tells_nothing() -> None:
    assert claim(7, machine((), runs(NO_GAIN))).answer is Answer.UNKNOWN


def test_an_origin_that_is_the_limit_is_told() -> None:
    name = f"io_event_loop_per_process/workers:2/{SIZE}/scheme:http"
    loops = [*runs(without(LOOPS, name)), run(name, 0.06, origin_cpu_s=0.058)]
    found = claim(7, machine((), loops, context={"origin_affinity": [2]}))
    assert found.answer is Answer.UNKNOWN
    assert "it is the limit" in text(found)


def test_one_core_has_room_for_one_copy() -> None:
    loops = {name.replace("workers:2", "workers:1"): 0.05 for name in LOOPS}
    found = claim(7, machine((), runs(loops), cores=1, context={"origin_affinity": [1]}))
    assert found.answer is Answer.UNKNOWN


def test_loops_for_another_number_of_cores_do_not_count() -> None:
    found = claim(7, machine((), runs(LOOPS), cores=4))
    assert found.answer is Answer.UNKNOWN
    assert f"io_event_loop_per_process/workers:4/{SIZE}/scheme:http" in text(found)


# The list of computations


@pytest.mark.parametrize(
    ("described", "most"),
    [("32:38:3", 7.58), ("5:5:4", 4), ("1:2:1", 2), ("1:3:2", 4)],
)
def test_no_more_can_be_gained_than_the_longest_computation_leaves(
    described: str, most: float
) -> None:
    assert most_to_gain({"fibonacci": described}) == pytest.approx(most, abs=0.005)


@pytest.mark.parametrize("described", [None, 7, "", "32:38", "a:b:c", "38:32:3", "0:1:1"])
def test_a_list_that_is_not_described_has_no_limit(described: Json) -> None:
    assert most_to_gain({"fibonacci": described}) is None
