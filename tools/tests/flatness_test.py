"""The judge of a soak, on series made up for it."""

from __future__ import annotations

import random

import pytest

from concurrency_report.flatness import FEWEST, Allowance, judge, warm_up

COUNT = Allowance(0.5)
MEMORY = Allowance(1024, share=0.05)


def noisy(levels: list[float], amplitude: float, seed: int) -> list[float]:
    chance = random.Random(seed)
    return [level + chance.uniform(-amplitude, amplitude) for level in levels]


def test_what_stays_as_it_is_is_flat() -> None:
    found = judge([5] * 40, COUNT)
    assert found.is_flat
    assert (found.low, found.high, found.readings) == (5, 5, 30)


def test_a_descriptor_lost_in_each_pass_is_seen_in_the_shortest_run() -> None:
    shortest = FEWEST + 3
    assert warm_up(shortest) == 3
    assert judge(list(range(shortest)), COUNT).growth is not None


def test_a_descriptor_lost_now_and_then_is_seen() -> None:
    growth = judge([5 + i // 11 for i in range(44)], COUNT).growth
    assert growth is not None
    assert "steadily" in growth


@pytest.mark.parametrize("period", [2, 3, 5, 20])
def test_a_sawtooth_is_flat(period: int) -> None:
    assert judge([5 + 10 * (i % period) for i in range(80)], COUNT).is_flat


def test_what_grows_while_warming_up_is_flat() -> None:
    assert judge([*range(10), *[10] * 30], COUNT).is_flat


def test_a_peak_that_comes_back_is_flat() -> None:
    assert judge([*[5] * 37, 50, 50, 5], COUNT).is_flat


def test_what_shrinks_is_flat() -> None:
    assert judge([100 - i for i in range(40)], COUNT).is_flat


def test_a_late_step_that_stays_is_growth() -> None:
    for after in (3, 7, 15):
        growth = judge([*[5] * (40 - after), *[6] * after], COUNT).growth
        assert growth == f"stayed 1 higher in the last {after} readings"


@pytest.mark.parametrize("seed", range(20))
def test_memory_that_swings_is_flat(seed: int) -> None:
    assert judge(noisy([12_000] * 60, 500, seed), MEMORY).is_flat


@pytest.mark.parametrize("seed", range(20))
def test_memory_that_leaks_beneath_its_swings_is_growth(seed: int) -> None:
    assert judge(noisy([12_000 + 40 * i for i in range(60)], 500, seed), MEMORY).growth is not None


def test_a_leak_below_the_allowance_is_not_told_from_noise() -> None:
    assert judge([12_000 + i for i in range(60)], MEMORY).is_flat


def test_the_allowance_grows_with_the_level() -> None:
    series: list[float] = [100_000 + 60 * i for i in range(60)]  # by 2,640 after warm-up
    assert judge(series, Allowance(1024)).growth is not None
    assert judge(series, MEMORY).is_flat


@pytest.mark.parametrize("readings", [0, 1, 2, 3, FEWEST + 1])
def test_of_too_few_readings_nothing_is_said(readings: int) -> None:
    found = judge(list(range(readings)), COUNT)
    assert not found.is_known
    assert not found.is_flat
    assert found.growth is None
