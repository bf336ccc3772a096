from __future__ import annotations

from concurrency_report.comparison import is_as_fast, is_real_gain, speedup
from concurrency_report.summary import CaseSummary


def case(*walls: float) -> CaseSummary:
    return CaseSummary("io_any", None, {"wall_s": dict(enumerate(walls))})


def test_a_small_difference_is_none_however_well_measured() -> None:
    steady, slower = case(1, 1, 1, 1, 1, 1, 1), case(*[1.04] * 7)
    assert is_as_fast(slower, steady)
    assert not is_as_fast(case(*[1.06] * 7), steady)


def test_a_difference_within_the_interval_is_none() -> None:
    steady = case(1, 1, 1, 1, 1)
    assert is_as_fast(case(1.2, 0.9, 1.3, 1.4, 1.2), steady)
    assert not is_as_fast(case(1.2, 1.1, 1.3, 1.4, 1.2), steady)


def test_a_single_sample_is_given_more_room() -> None:
    assert is_as_fast(case(1.14), case(1))
    assert not is_as_fast(case(1.16), case(1))


def test_the_faster_is_as_fast() -> None:
    assert is_as_fast(case(0.5, 0.5), case(1, 1))


def test_a_gain_is_real_from_a_tenth_on_and_beyond_noise() -> None:
    baseline = case(1, 1, 1)
    assert is_real_gain(speedup(case(0.9, 0.9, 0.9), baseline))
    assert not is_real_gain(speedup(case(0.92, 0.92, 0.92), baseline))
    assert not is_real_gain(speedup(case(0.5, 0.6, 1.1), baseline))


def test_what_was_not_measured_is_neither() -> None:
    assert not is_as_fast(case(), case(1))
    assert not is_real_gain(speedup(case(1), case()))
