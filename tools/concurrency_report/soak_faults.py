"""What a soak has its hosts do, and which failures of cases are those faults' doing."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .results import Row, workload_of

# Hosts of an origin, all of which a workload visits in turn.
_HOSTS = 10

# Each of these keeps a fetch until its deadline, so that passes with them are long: few, but all.
_STALLS: tuple[str, ...] = (
    *("stall_in_connect", "stall_after_accept", "stall_in_handshake", "trickle_header"),
    *("stall_before_header", "stall_in_header", "stall_in_body", "trickle_body"),
)
_QUICK: tuple[str, ...] = (
    *("refuse", "reset_after_accept", "close_after_accept", "reset_in_handshake"),
    *("close_in_handshake", "tls_1_0_only", "tls_1_1_only", "no_tls", "certificate_expired"),
    *("certificate_not_yet_valid", "certificate_for_another_name", "certificate_self_signed"),
    *("certificate_from_another_ca", "certificate_for_clients", "reset_before_header"),
    *("reset_in_header", "reset_in_body", "close_before_header", "close_in_header"),
    *("close_in_body", "status_500", "status_404", "redirect", "body_shorter_than_announced"),
    *("body_longer_than_announced", "body_shorter_than_asked", "body_longer_than_asked"),
    *("wrong_content", "endless_header", "endless_interim_answers", "body_of_10_gb"),
    *("endless_body", "endless_chunks", "endless_chunk_extension", "endless_trailer"),
    *("malformed_status_line", "malformed_header", "malformed_length", "malformed_chunk"),
    *("no_close_notify", "no_close_notify_unknown_length", "unknown_length"),
)
FAULTS = (*_QUICK, *_STALLS)
# Those that spoil no answer.
HARMLESS = frozenset({"body_longer_than_announced", "no_close_notify", "unknown_length"})

_MIXES_OF_QUICK = 9  # of four or five, each from everywhere in the list
_MIXES_OF_STALLS = 2
MIXES: tuple[tuple[str, ...], ...] = (
    *(_QUICK[first::_MIXES_OF_QUICK] for first in range(_MIXES_OF_QUICK)),
    *(_STALLS[first::_MIXES_OF_STALLS] for first in range(_MIXES_OF_STALLS)),
)

_FIRST = re.compile(r"job (\d+): ")
_MORE = re.compile(r" \(and (\d+) more of \d+ jobs\)")


def faults_of_pass(number: int, mixes: Sequence[Sequence[str]]) -> Sequence[str]:
    """Passes count from 0. Good ones and faulty ones take turns, beginning with a good one."""
    return mixes[number // 2 % len(mixes)] if number % 2 else ()


def unexpected(row: Row, faults: Sequence[str], fetches: int) -> str | None:
    """What is wrong with a row of a pass with these faults, of the first hosts one each; `fetches`
    are those of the io workload.

    It must have failed in the jobs that fetch from a host with a fault, no more and no fewer, and
    its first failure is in one of them: then all other jobs' outcomes stood.
    """
    doomed = _doomed_jobs(workload_of(row.name), faults, fetches)
    if row.error is None:
        return f"succeeded in spite of {', '.join(faults)}" if doomed else None
    if not doomed:
        return row.error
    first = _FIRST.match(row.error)
    if first is None or int(first[1]) not in doomed:
        return row.error
    more = _MORE.search(row.error)
    failed = 1 + (int(more[1]) if more else 0)
    if failed == len(doomed):
        return None
    return f"{failed} jobs failed where {len(doomed)} had to: {row.error}"


def _doomed_jobs(workload: str, faults: Sequence[str], fetches: int) -> set[int]:
    """Numbers of the jobs that cannot succeed."""
    jobs_before = {"convoy": 1}.get(workload, 0)
    fetching = {"io": fetches, "mixed": 10, "blocking": 20, "convoy": 10}.get(workload, 0)
    harmful = {host for host, fault in enumerate(faults) if fault not in HARMLESS}
    return {jobs_before + i for i in range(fetching) if i % _HOSTS in harmful}
