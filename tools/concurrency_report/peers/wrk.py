"""`wrk`, a load generator: one thread, so many connections that are kept alive."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .contest import Figures, PeerError
from .programs import Programs

_REQUESTS = re.compile(r"^\s*(\d+) requests in \S+, ([\d.]+)([KMGT]?)B read$", re.MULTILINE)
_RATE = re.compile(r"^Requests/sec:\s+([\d.]+)$", re.MULTILINE)
_SOCKET_ERRORS = re.compile(r"^\s*Socket errors: (.*)$", re.MULTILINE)
_REFUSED = re.compile(r"^\s*Non-2xx or 3xx responses: (\d+)$", re.MULTILINE)
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
# wrk rounds what it read to two decimals.
_ROUNDING = 0.99


@dataclass(frozen=True)
class Counted:
    """What wrk said it did, without errors."""

    requests: int
    bytes: float
    per_second: float


def parse(output: str) -> Counted:
    """Throws PeerError where it counted an error, or where this is not its output."""
    done, rate = _REQUESTS.search(output), _RATE.search(output)
    if done is None or rate is None:
        raise PeerError("wrk: said nothing of requests: another version than 4?")
    if errors := _SOCKET_ERRORS.search(output):
        raise PeerError(f"wrk: met with socket errors: {errors[1]}")
    if refused := _REFUSED.search(output):
        raise PeerError(f"wrk: {refused[1]} answers had another status than 2xx or 3xx")
    if not int(done[1]):
        raise PeerError("wrk: not one request was answered")
    return Counted(int(done[1]), float(done[2]) * _UNITS[done[3]], float(rate[1]))


def run(programs: Programs, url: str, size: int, connections: int, seconds: int) -> Figures:
    """GETs of the URL, whose body has `size` bytes. Throws PeerError."""
    ended = programs.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", url])
    counted = parse(ended.output)
    if counted.bytes < _ROUNDING * counted.requests * size:
        raise PeerError(f"wrk: read less than {size} bytes for each of its requests")
    return {
        "cpu_per_fetch_s": ended.cpu_s / counted.requests,
        "fetches_per_second": counted.per_second,
    }
