"""Who ran which job when: bars on lanes, made of the Chrome trace that bench writes of a case."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from ..results import Json, ResultsError

# Of a value that is wrong, what an error shows: it may be the whole trace.
_MOST_SHOWN = 60

# More jobs than these are not drawn: their bars would be thinner than a hair.
MOST_JOBS = 200


class Doing(Enum):
    """What becomes of a job's time: an event loop awaits its request and does other things; a
    thread waits for it and does nothing else; or somebody works."""

    AWAITED = "awaited by an event loop"
    WAITING = "a thread waits"
    WORKING = "working"


@dataclass(frozen=True)
class Bar:
    """A stretch of one job on one lane, in milliseconds from the start of the run."""

    lane: int
    job: int
    who: str
    what: str
    doing: Doing
    start_ms: float
    end_ms: float
    failed: bool


@dataclass(frozen=True)
class Timeline:
    """`lanes` are named by who has them: a thread or process has one, and so has each request that
    an event loop awaits, for these overlap. `left_out` counts the jobs that are not drawn."""

    lanes: Sequence[str]
    bars: Sequence[Bar]
    left_out: int

    @property
    def end_ms(self) -> float:
        return max((bar.end_ms for bar in self.bars), default=0)


def timeline_of(trace: Json, source: str) -> Timeline:
    """Throws ResultsError, which names the source, where the trace is none of bench's."""
    try:
        return _Reader(trace).timeline()
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ResultsError(f"{source}: no timeline as bench writes it: {error!r}") from error


@dataclass(frozen=True)
class _Stretch:
    job: int
    thread: int
    what: str
    doing: Doing
    start_ms: float
    end_ms: float
    failed: bool


class _Reader:
    def __init__(self, trace: Json) -> None:
        events = _object(trace)["traceEvents"]
        if not isinstance(events, list):
            raise TypeError("traceEvents is no list")
        self._events = [_object(event) for event in events]

    def timeline(self) -> Timeline:
        names = dict(self._thread_names())
        stretches = sorted([*self._slices(), *self._requests()], key=lambda each: each.start_ms)
        loops = {each.thread for each in stretches if each.doing is Doing.AWAITED}
        jobs = sorted({each.job for each in stretches})
        drawn = set(jobs[:MOST_JOBS])
        kept = [each for each in stretches if each.job in drawn]
        # A loop's lanes come first, in the order of its jobs; then the threads, by their number.
        keys = sorted({_lane_key(each, loops) for each in kept})
        place = {key: lane for lane, key in enumerate(keys)}
        return Timeline(
            lanes=[names.get(thread, f"thread {thread}") for _, thread, _ in keys],
            bars=[
                Bar(
                    lane=place[_lane_key(each, loops)],
                    job=each.job,
                    who=names.get(each.thread, f"thread {each.thread}"),
                    what=each.what,
                    doing=each.doing,
                    start_ms=each.start_ms,
                    end_ms=each.end_ms,
                    failed=each.failed,
                )
                for each in kept
            ],
            left_out=len(jobs) - len(drawn),
        )

    def _thread_names(self) -> Iterable[tuple[int, str]]:
        for event in self._events:
            if event["ph"] == "M" and event["name"] == "thread_name":
                yield _whole(event["tid"]), str(_arguments(event)["name"])

    def _slices(self) -> Iterable[_Stretch]:
        for event in self._events:
            if event["ph"] == "X":
                start_ms = _number(event["ts"]) / 1000
                doing = Doing.WORKING if event["cat"] == "working" else Doing.WAITING
                yield _stretch(event, doing, start_ms, start_ms + _length(event["dur"]) / 1000)

    def _requests(self) -> Iterable[_Stretch]:
        ends = {event["id"]: event for event in self._events if event["ph"] == "e"}
        for event in self._events:
            if event["ph"] == "b":
                start_us = _number(event["ts"])
                length_us = _length(_number(ends[event["id"]]["ts"]) - start_us)
                end_ms = (start_us + length_us) / 1000
                yield _stretch(event, Doing.AWAITED, start_us / 1000, end_ms)


def _lane_key(stretch: _Stretch, loops: set[int]) -> tuple[int, int, int]:
    is_loop = stretch.thread in loops
    return (0 if is_loop else 1, stretch.thread, stretch.job if is_loop else 0)


def _stretch(event: Mapping[str, Json], doing: Doing, start_ms: float, end_ms: float) -> _Stretch:
    arguments = _arguments(event)
    return _Stretch(
        job=_whole(arguments["job"]),
        thread=_whole(event["tid"]),
        what=str(arguments.get("what", "")),
        doing=doing,
        start_ms=start_ms,
        end_ms=end_ms,
        failed="error" in arguments,
    )


def _object(value: Json) -> Mapping[str, Json]:
    if not isinstance(value, dict):
        raise TypeError(f"{_shown(value)} is no object")
    return value


def _arguments(event: Mapping[str, Json]) -> Mapping[str, Json]:
    return _object(event["args"])


def _number(value: Json) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{_shown(value)} is no number")
    # Python's JSON knows NaN and Infinity; a page's does not, and would draw nothing at all.
    if not math.isfinite(value):
        raise ValueError(f"{value} is no time or number")
    return float(value)


def _length(value: Json) -> float:
    length = _number(value)
    if length < 0:
        raise ValueError(f"{length} is no length of time")
    return length


def _shown(value: Json) -> str:
    text = repr(value)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}..."


def _whole(value: Json) -> int:
    return int(_number(value))
