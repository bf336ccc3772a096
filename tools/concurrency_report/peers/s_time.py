"""`openssl s_time`: one new TLS connection after another, with blocking calls."""

from __future__ import annotations

import re
from pathlib import Path

from .contest import Figures, PeerError
from .programs import Programs

# Of the two lines that begin alike, the one whose seconds are those of a clock.
_CONNECTIONS = re.compile(
    r"^(\d+) connections in \d+ real seconds, (\d+) bytes read per connection$", re.MULTILINE
)


def parse(output: str) -> tuple[int, int]:
    """Connections, and bytes read of each, headers included."""
    found = _CONNECTIONS.search(output)
    if found is None:
        raise PeerError("openssl s_time: said nothing of connections")
    if not int(found[1]):
        raise PeerError("openssl s_time: made not one connection")
    return int(found[1]), int(found[2])


def run(
    programs: Programs, address: str, target: str, size: int, authority: Path, seconds: int
) -> Figures:
    """One GET for the target, whose body has `size` bytes, on each. Throws PeerError."""
    trust = ("-CAfile", str(authority), "-no-CApath", "-no-CAstore", "-verify", "3")
    ended = programs.run(
        [
            *("openssl", "s_time", "-connect", address, "-new", "-tls1_3", *trust),
            *("-www", target, "-time", str(seconds)),
        ]
    )
    connections, read = parse(ended.output)
    if read < size:
        raise PeerError(f"openssl s_time: read {read} bytes a connection instead of {size}")
    # Its own seconds are whole ones, by which it is late for up to one.
    return {
        "cpu_per_fetch_s": ended.cpu_s / connections,
        "fetches_per_second": connections / ended.wall_s,
    }
