from __future__ import annotations

import random

import pytest

from concurrency_report.plan import (
    Machine,
    Pass,
    Run,
    choose_machines,
    experiments,
    plan,
    with_suffix,
)

RUNS = [Run(f"io_{letter}", f"io_{letter}") for letter in "abcdefgh"]
MACHINE = Machine("", 2, None)


def names(pass_: Pass, index: int, seed: int = 1) -> list[str]:
    steps = plan(MACHINE, RUNS, RUNS, 6, random.Random(seed), measures_memory=True)
    return [step.run.name for step in steps if step.pass_ is pass_ and step.round == index]


def test_rounds_are_complete_and_in_orders_of_their_own() -> None:
    rounds = [names(Pass.STUDY, index) for index in range(6)]
    assert all(sorted(order) == [run.name for run in RUNS] for order in rounds)
    assert len({tuple(order) for order in rounds}) > 1
    assert rounds == [names(Pass.STUDY, index) for index in range(6)]
    assert names(Pass.STUDY, 0) != names(Pass.STUDY, 0, seed=2)


def test_passes_follow_one_another() -> None:
    steps = plan(MACHINE, RUNS, RUNS, 9, random.Random(1), measures_memory=True)
    passes = list(dict.fromkeys(step.pass_ for step in steps))
    assert passes == [Pass.WARM_UP, Pass.STUDY, Pass.MEMORY, Pass.CLAIMS]
    assert len(steps) == len(RUNS) * (1 + 9 + 1 + 7)
    assert len({step.key for step in steps}) == len(steps)


def test_memory_is_left_out_where_it_cannot_be_told() -> None:
    steps = plan(MACHINE, RUNS, [], 1, random.Random(1), measures_memory=False)
    assert {step.pass_ for step in steps} == {Pass.WARM_UP, Pass.STUDY}


def test_a_suffix_stands_where_arguments_do() -> None:
    assert with_suffix("io_async/real_time", "fetches:3") == "io_async/fetches:3/real_time"
    assert with_suffix("io_async", "fetches:3") == "io_async/fetches:3"
    assert with_suffix("io_async/real_time", "") == "io_async/real_time"


def test_fewer_cores_are_tried_by_doubling_and_never_all() -> None:
    def tried(cores: int) -> list[int]:
        return [each.cores for each in experiments(cores, None) if each.cores is not None]

    assert tried(1) == []
    assert tried(2) == [1]
    assert tried(6) == [1, 2, 4]
    assert tried(8) == [1, 2, 4]


def test_pools_for_computing_are_always_tried_at_the_number_of_cores() -> None:
    waiting, computing = experiments(4, [3, 5])[:2]
    assert waiting.options == ("--workers", "3,5")
    assert computing.options == ("--workers", "3,4,5")


def test_the_origin_gets_the_cores_that_are_left_over() -> None:
    one, two = choose_machines([1, 2], [4, 7])
    assert (one.name, one.processors, one.origin_processors) == ("1-core", (4,), (7,))
    assert (two.name, two.processors, two.origin_processors) == ("2-cores", (4, 7), None)


def test_nothing_is_set_apart_unless_asked_for() -> None:
    (machine,) = choose_machines(None, [0, 1, 2])
    assert (machine.name, machine.cores, machine.processors) == ("", 3, None)


def test_cores_that_are_not_there_are_refused() -> None:
    with pytest.raises(ValueError, match="3 of 2 cores"):
        choose_machines([1, 3], [0, 1])
    with pytest.raises(ValueError, match="does not let"):
        choose_machines([1], None)
