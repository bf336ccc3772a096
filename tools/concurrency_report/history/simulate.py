"""Changes in made-up trends: how often there is one that is none, how often a step is found where
it is. `changes_in` is the one that judges histories."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from .trends import changes_in

_LENGTHS = (10, 30, 100)
_DEVIATIONS = (0.01, 0.02, 0.04)
_BEFORE = 20
_AFTER = (3, 5, 10)
_STEPS = ((0.05, 0.01), (0.05, 0.02), (0.10, 0.02), (0.10, 0.04))


def simulate(runs: int, seed: int) -> Iterator[str]:
    """Lines, each as soon as it is known, of shares of `runs` trends. Noise is normal."""
    chance = random.Random(seed)
    yield f"{runs} simulated trends each, seed {seed}"
    yield "A change that is none:"
    yield _line("standard deviation", [f"{length} results" for length in _LENGTHS])
    for deviation in _DEVIATIONS:
        shares = [
            sum(bool(changes_in(_noise(chance, length, deviation))) for _ in range(runs)) / runs
            for length in _LENGTHS
        ]
        yield _line(f"{deviation:.0%}", [f"{share:.1%}" for share in shares])
    yield f"A step after {_BEFORE} results, found at the very result:"
    yield _line("step, standard deviation", [f"{after} after it" for after in _AFTER])
    for step, deviation in _STEPS:
        shares = [
            sum(_is_found(chance, step, deviation, after) for _ in range(runs)) / runs
            for after in _AFTER
        ]
        yield _line(f"{step:.0%}, {deviation:.0%}", [f"{share:.1%}" for share in shares])


def _is_found(chance: random.Random, step: float, deviation: float, after: int) -> bool:
    before = _noise(chance, _BEFORE, deviation)
    values = [*before, *((1 + step) * value for value in _noise(chance, after, deviation))]
    return any(change.index == _BEFORE for change in changes_in(values))


def _noise(chance: random.Random, count: int, deviation: float) -> list[float]:
    return [chance.gauss(1, deviation) for _ in range(count)]


def _line(name: str, cells: Sequence[str]) -> str:
    return f"{name:26}" + "".join(f"{cell:>13}" for cell in cells)
