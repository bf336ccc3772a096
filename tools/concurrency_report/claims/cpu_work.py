"""How much there is to gain on the list of computations, whatever the machine."""

from __future__ import annotations

from collections.abc import Mapping

from ..results import Json


def most_to_gain(context: Mapping[str, Json]) -> float | None:
    """How many times as long as its longest computation the whole list takes: no more than so many
    cores can be put to use. None where the context does not describe the list.

    A naive fibonacci(n) makes as many calls as its result is large, but for a factor.
    """
    described = context.get("fibonacci")
    try:
        low, high, repeat = map(int, str(described).split(":"))
    except ValueError:
        return None
    if not 1 <= low <= high:
        return None
    return repeat * sum(map(_fibonacci, range(low, high + 1))) / _fibonacci(high)


def _fibonacci(n: int) -> int:
    previous, number = 0, 1
    for _ in range(n - 1):
        previous, number = number, previous + number
    return number
