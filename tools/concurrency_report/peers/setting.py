"""What contests are made of, and what is said where one cannot be."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..origin import Origin
from .bench_side import BenchSides, of_fetches
from .contest import Side
from .programs import Programs

SINGLE_HOST = "localhost"
SINGLE_SIZE = 8192
SINGLE_TARGET = f"/?delay_us=0&bytes={SINGLE_SIZE}"
"""What is fetched by programs that resolve names themselves and take one URL only."""

ONCE = "--benchmark_min_time=0"
"""For runs that are long enough as they are."""


@dataclass(frozen=True)
class Missing:
    """Of a group, what cannot be compared with here, and why; one line. `advice` is what to do."""

    group: str
    text: str
    advice: str = "run tools/setup peers"


@dataclass(frozen=True)
class Setting:
    """What contests are made of. `single` plays one host, whose URL is in the file `urls`. `peers`
    is None where bench_peers is not built. `study_options` are for both sides of group python."""

    ours: BenchSides
    peers: BenchSides | None
    programs: Programs
    origin: Origin
    single: Origin
    urls: Path
    cores: int
    study_options: tuple[str, ...]

    @property
    def single_url(self) -> str:
        return f"https://{SINGLE_HOST}:{self.single.port('https')}{SINGLE_TARGET}"

    def single_side(self, case: str, count: int, options: Sequence[str]) -> Side:
        """Ours, with so many fetches of the single URL."""
        source = ("--urls", str(self.urls), "--ca", str(self.single.authority))
        asked = (*source, "--fetches", str(count), *options, ONCE)
        return self.ours.side(f"{case}/real_time", asked, None, of_fetches(count))


def not_built(group: str) -> Missing:
    """Of bench_peers."""
    return Missing(group, "bench_peers is not built", "run tools/build bench_peers")


def single_address() -> str:
    """Where the single host's name leads first, as bench takes it: some systems have IPv6 there."""
    found = socket.getaddrinfo(
        SINGLE_HOST, None, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
    )
    return str(found[0][4][0])
