from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from concurrency_report.bench import Bench
from concurrency_report.children import Children
from concurrency_report.plan import Machine, Pass
from concurrency_report.planner import MachinePlan, plan_machines
from concurrency_report.study_options import StudyOptions


class QuotaBench(Bench):
    """On a machine of eight cores of which a quota leaves two: pools of processes have as many."""

    def cases(
        self,
        options: Sequence[str] = (),
        *,
        filter: str | None = None,
        processors: Sequence[int] | None = None,
    ) -> list[str]:
        return ["cpu_sequential/real_time", "cpu_process_pool/workers:2/real_time"]


def planned(options: StudyOptions) -> MachinePlan:
    bench = QuotaBench(Path("bench"), Children())
    (found,) = plan_machines(options, bench, [Machine("", 8, None)], range(8))
    return found


def test_cores_are_as_many_as_bench_may_use() -> None:
    found = planned(StudyOptions(Path("bench"), rounds=1, seed=1))
    assert found.machine.cores == 2
    limited = {step.run.processors for step in found.steps if step.pass_ is Pass.CLAIMS}
    assert limited == {None, (0,)}


def test_a_seed_gives_the_same_plan_again() -> None:
    one, same, other = (
        planned(StudyOptions(Path("bench"), rounds=5, seed=seed)) for seed in (1, 1, 2)
    )
    assert one == same
    assert one.steps != other.steps
