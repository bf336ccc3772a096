"""The study's workloads as data: what bench runs, job by job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, islice

_IO_JOBS = 30
_MIXED_JOBS = 10
_BLOCKING_JOBS = 20
_KIB = 1024

HOSTS = (
    ("host01.origin.test", 4, 1),
    ("host02.origin.test", 6, 2),
    ("host03.origin.test", 8, 4),
    ("host04.origin.test", 10, 8),
    ("host05.origin.test", 12, 8),
    ("host06.origin.test", 14, 16),
    ("host07.origin.test", 18, 16),
    ("host08.origin.test", 22, 32),
    ("host09.origin.test", 28, 32),
    ("host10.origin.test", 38, 64),
)
"""Name, latency in milliseconds and size in KiB of each host that the origin plays."""


@dataclass(frozen=True)
class Fetch:
    """One GET from `host`, which is reached at `address` and has a certificate by the authority in
    the file `ca`. `size` is how many bytes must come back."""

    host: str
    address: str
    port: int
    target: str
    size: int
    ca: str

    @property
    def url(self) -> str:
        return f"https://{self.host}:{self.port}{self.target}"


@dataclass(frozen=True)
class Job:
    """A request, which an event loop can await, then a blocking step, which it cannot: a fetch with
    blocking calls, or the index of a Fibonacci number. Either may be absent."""

    request: Fetch | None = None
    blocking: Fetch | int | None = None


@dataclass(frozen=True)
class Sizes:
    """What bench calls --fibonacci LOW:HIGH:REPEAT and --latency-scale."""

    low: int
    high: int
    repeat: int
    latency_scale: float


def workload(name: str, sizes: Sizes, address: str, port: int, ca: str) -> Sequence[Job]:
    """The jobs of `io`, `cpu`, `mixed` or `blocking`."""
    fetches = [
        Fetch(
            host,
            address,
            port,
            f"/?delay_us={round(1000 * latency_ms * sizes.latency_scale)}&bytes={kib * _KIB}",
            kib * _KIB,
            ca,
        )
        for host, latency_ms, kib in HOSTS
    ]
    if name == "io":
        return [Job(fetch) for fetch in islice(cycle(fetches), _IO_JOBS)]
    if name == "cpu":
        numbers = range(sizes.low, sizes.high + 1)
        return [Job(blocking=n) for _ in range(sizes.repeat) for n in numbers]
    if name == "mixed":
        third_largest = max(sizes.low, sizes.high - 2)
        return [Job(fetch, third_largest) for fetch in islice(cycle(fetches), _MIXED_JOBS)]
    if name == "blocking":
        return [Job(fetch, fetch) for fetch in islice(cycle(fetches), _BLOCKING_JOBS)]
    raise ValueError(f"'{name}' is no workload")
