"""Verdicts on cases, by rules applied to figures. docs/verdicts.md gives readers the rules and
their reasons; the constants are here and in comparison.py.

No rule looks at the name of a case or model; names appear in the comments' prose only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from statistics import median

from .comparison import GAIN, is_as_fast, is_real_gain, ratio_of_walls, speedup
from .estimate import Estimate, estimate_ratio
from .machine_results import TOTAL_PSS
from .summary import CaseSummary, EventLoop, Workers

# How many times the CPU time, or the memory, is clearly more.
CLEARLY_MORE_CPU = 1.15
CLEARLY_MORE_MEMORY = 1.5
# CPU time that is less than this share of one core while the case runs is no cost that matters,
# however large a multiple of next to nothing it is.
NEGLIGIBLE_CPU = 0.01
# The share of its time for which a loop stands still in blocking steps from which on it is blocked.
BLOCKED = 0.5


class Mark(Enum):
    GOOD = "✅"
    FAIR = "+-"
    POOR = "-"


@dataclass(frozen=True)
class Verdict:
    """The comment is one line that says why, with the figure that decided it."""

    mark: Mark
    comment: str


def judge(cases: Sequence[CaseSummary], cores: int) -> dict[str, Verdict]:
    """By the case's name. A case has no verdict if it failed, if its model's traits are unknown, or
    if there is nothing to compare it with."""
    judged: dict[str, Verdict] = {}
    for workload in dict.fromkeys(case.workload for case in cases):
        of = [case for case in cases if case.workload == workload]
        baseline = baseline_of(of)
        if baseline is not None:
            judged |= _Contest.over(baseline, of).verdicts(cores)
    return judged


def baseline_of(cases: Sequence[CaseSummary]) -> CaseSummary | None:
    """What the others of one workload must gain over: the slowest case with neither workers nor an
    event loop, or else the one without workers whose loop stood still for longest; None where no
    case is either."""
    alone = [case for case in cases if _is_known(case) and _workers(case) is Workers.NONE]
    sequential = [case for case in alone if is_sequential(case)]
    if sequential:
        return max(sequential, key=_wall_s)
    stalled = [case for case in alone if _has_stalled_loop(case)]
    return max(stalled, key=_stood_still_s, default=None)


def is_sequential(case: CaseSummary) -> bool:
    """Whether the case does one job after another for want of anything else."""
    return (
        case.traits is not None
        and case.traits.workers is Workers.NONE
        and case.traits.event_loop is EventLoop.ABSENT
    )


def is_blocked(case: CaseSummary) -> bool:
    """Whether its loop stands still for most of the time, as it does for all that is known where
    that was not measured."""
    stood_still_s = case.value("loop_blocked_s")
    return _has_stalled_loop(case) and (
        stood_still_s is None or stood_still_s >= BLOCKED * _wall_s(case)
    )


def memory_kb(case: CaseSummary) -> float | None:
    """Of all the case's processes together: their total where that was measured, or else the peak
    of a case that is a single process; None where it cannot be had."""
    total = case.value(TOTAL_PSS)
    return _single_process_rss_kb(case) if total is None else total


def memory_ratio(case: CaseSummary, other: CaseSummary) -> float | None:
    """How many times the other's memory the case takes; None where it cannot be had. Only like is
    compared with like: a total has its share of pages that all processes of the system share, a
    resident set has them whole."""
    for mine, others in (
        (case.value(TOTAL_PSS), other.value(TOTAL_PSS)),
        (_single_process_rss_kb(case), _single_process_rss_kb(other)),
    ):
        if mine is not None and others:
            return mine / others
    return None


def called(case: CaseSummary) -> str:
    """The case in prose: "async", "thread_pool with 6 workers"."""
    if case.workers is None:
        return case.model
    return f"{case.model} with {case.workers} worker{'' if case.workers == 1 else 's'}"


def called_as_baseline(case: CaseSummary) -> str:
    """What others are faster than, in prose."""
    if is_sequential(case):
        return "one after another"
    return f"{called(case)}, which blocks its loop" if is_blocked(case) else called(case)


def seconds(value: float) -> str:
    return f"{value:.3f} s" if value < 1 else f"{value:.2f} s"


def times(ratio: float) -> str:
    """ "9.6 ×", with more digits near one, where they matter."""
    if ratio < 1.195:
        return f"{ratio:.2f} ×"
    return f"{ratio:.1f} ×" if ratio < 9.95 else f"{ratio:.0f} ×"


@dataclass(frozen=True)
class _Contest:
    """The cases of one workload against their baseline. `gains` are speedups over it by name, of
    all the others that can be compared with it; `fastest` are those with a bound and a real gain
    that are as fast as the fastest of these, the fastest first."""

    baseline: CaseSummary
    others: Sequence[CaseSummary]
    gains: Mapping[str, Estimate]
    fastest: Sequence[CaseSummary]

    @staticmethod
    def over(baseline: CaseSummary, cases: Sequence[CaseSummary]) -> _Contest:
        gains: dict[str, Estimate] = {}
        for case in cases:
            gain = speedup(case, baseline)
            if case is not baseline and _is_known(case) and gain is not None:
                gains[case.name] = gain
        others = [case for case in cases if case.name in gains]
        bounded = [
            case
            for case in others
            if is_real_gain(gains[case.name]) and _workers(case) is not Workers.PER_JOB
        ]
        bounded.sort(key=_wall_s)
        fastest = [case for case in bounded if is_as_fast(case, bounded[0])]
        return _Contest(baseline, others, gains, fastest)

    def verdicts(self, cores: int) -> dict[str, Verdict]:
        judged = {self.baseline.name: self._verdict_on_baseline(cores)}
        judged |= {case.name: self._verdict(case) for case in self.others}
        return {name: verdict for name, verdict in judged.items() if verdict is not None}

    def _verdict_on_baseline(self, cores: int) -> Verdict | None:
        baseline = self.baseline
        if is_blocked(baseline):
            return Verdict(Mark.POOR, _standstill(baseline))
        if not self.others:
            return None
        faster = [case for case in self.others if is_real_gain(self.gains[case.name])]
        best = max(faster or self.others, key=lambda case: self.gains[case.name].value)
        compared = f"{called(best)} is {times(self.gains[best.name].value)} as fast"
        if faster:
            return Verdict(Mark.POOR, _shortcoming(baseline, compared, cores))
        where = " on one core" if cores == 1 else ""
        return Verdict(Mark.GOOD, f"nothing is really faster{where}: of the others, {compared}")

    def _verdict(self, case: CaseSummary) -> Verdict | None:
        gain = self.gains[case.name]
        if not is_real_gain(gain):
            return Verdict(Mark.POOR, self._no_gain(case, gain))
        faster = f"{times(gain.value)} as fast as {called_as_baseline(self.baseline)}"
        if _workers(case) is Workers.PER_JOB:
            return Verdict(
                Mark.FAIR,
                f"{faster}, but starts a worker for every job{_workers_here(case)}, without bound",
            )
        if case not in self.fastest:
            ratio = ratio_of_walls(case, self.fastest[0])
            if ratio is None:
                return None
            lag = f"takes {times(ratio.value)} as long as {called(self.fastest[0])}"
            return Verdict(Mark.FAIR, f"{faster}, but {lag}")
        cheaper = [other for other in self.fastest if _is_dominated(case, other)]
        if cheaper:
            other = min(cheaper, key=_cpu_s)
            return Verdict(Mark.FAIR, f"as fast as {called(other)} at {_extra_costs(case, other)}")
        for_less = " for clearly less" if len(self.fastest) > 1 else ""
        return Verdict(Mark.GOOD, f"nothing with a bound is as fast{for_less}: {faster}")

    def _no_gain(self, case: CaseSummary, gain: Estimate) -> str:
        than = called_as_baseline(self.baseline)
        if gain.value >= GAIN:
            return (
                f"not reliably faster than {than}: {times(gain.value)}, "
                f"within {gain.low:.2f} to {gain.high:.2f}"
            )
        word = "no" if gain.value <= 1 else "hardly"
        kept_free = case.traits is not None and case.traits.event_loop is EventLoop.KEPT_FREE
        merit = ", though it keeps its own free" if kept_free and is_blocked(self.baseline) else ""
        return f"{word} faster than {than}: {times(gain.value)}{merit}"


def _is_dominated(case: CaseSummary, other: CaseSummary) -> bool:
    """Whether the other is as fast for clearly less CPU time or memory, and not clearly more of
    either. What was not measured is held against neither."""
    if case is other or not is_as_fast(other, case):
        return False
    saves = _takes_clearly_more_cpu(case, other) or _takes_clearly_more_memory(case, other)
    return saves and not (
        _takes_clearly_more_cpu(other, case) or _takes_clearly_more_memory(other, case)
    )


def _takes_clearly_more_cpu(case: CaseSummary, other: CaseSummary) -> bool:
    ratio = estimate_ratio(case.cpu_s, other.cpu_s)
    if ratio is None or ratio.value < CLEARLY_MORE_CPU:
        return False
    if ratio.samples > 1 and ratio.low <= 1:
        return False
    return _cpu_s(case) - _cpu_s(other) >= NEGLIGIBLE_CPU * _wall_s(case)


def _takes_clearly_more_memory(case: CaseSummary, other: CaseSummary) -> bool:
    ratio = memory_ratio(case, other)
    return ratio is not None and ratio >= CLEARLY_MORE_MEMORY


def _extra_costs(case: CaseSummary, other: CaseSummary) -> str:
    costs = []
    cpu, memory = estimate_ratio(case.cpu_s, other.cpu_s), memory_ratio(case, other)
    if cpu is not None and _takes_clearly_more_cpu(case, other):
        costs.append(f"{times(cpu.value)} the CPU time")
    if memory is not None and _takes_clearly_more_memory(case, other):
        costs.append(f"{times(memory)} the memory")
    return " and ".join(costs)


def _shortcoming(baseline: CaseSummary, compared: str, cores: int) -> str:
    """Why others are faster; `compared` says by how much."""
    if not is_sequential(baseline) or not baseline.cpu_s:
        return compared
    wall_s, cpu_s = _wall_s(baseline), _cpu_s(baseline)
    if cpu_s < wall_s / 2:
        waiting = 100 * (1 - cpu_s / wall_s)
        return (
            f"waits for {waiting:.0f} % of the time: {seconds(wall_s)} for {seconds(cpu_s)} of work"
        )
    return f"keeps 1 of {cores} cores busy: {compared}" if cores > 1 else compared


def _standstill(case: CaseSummary) -> str:
    wall_s, stood_still_s = _wall_s(case), case.value("loop_blocked_s")
    if stood_still_s is None:
        return f"every blocking step stalls the event loop: it takes {seconds(wall_s)}"
    if wall_s < 1:
        return (
            f"the event loop stood still for {stood_still_s * 1000:.0f} ms of {wall_s * 1000:.0f}"
        )
    return f"the event loop stood still for {stood_still_s:.2f} s of {wall_s:.2f}"


def _workers_here(case: CaseSummary) -> str:
    for figure in ("processes", "threads"):
        count = case.value(figure)
        if count:
            return f": {count:.0f} {figure} here"
    return ""


def _is_known(case: CaseSummary) -> bool:
    return case.traits is not None and case.successes > 0


def _workers(case: CaseSummary) -> Workers | None:
    return None if case.traits is None else case.traits.workers


def _has_stalled_loop(case: CaseSummary) -> bool:
    """A loop that blocking steps would stall, of which it is not known that there were none."""
    return (
        case.traits is not None
        and case.traits.event_loop is EventLoop.STALLED
        and case.value("loop_blocked_s") != 0
    )


def _stood_still_s(case: CaseSummary) -> float:
    return case.value("loop_blocked_s") or 0


def _single_process_rss_kb(case: CaseSummary) -> float | None:
    return case.value("max_rss_kb") if case.value("processes") == 0 else None


def _wall_s(case: CaseSummary) -> float:
    return case.value("wall_s") or 0


def _cpu_s(case: CaseSummary) -> float:
    return median(case.cpu_s.values()) if case.cpu_s else 0
