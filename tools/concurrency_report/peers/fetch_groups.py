"""Contests of fetching: how fast, at what cost, with how much memory for each connection."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..results import case_of
from . import s_time, wrk
from .bench_side import BenchSides, of_fetches
from .contest import CONNECTION, Column, Contest, Figures, PeerError, Quantity, Side, fetch_costs
from .programs import is_there
from .setting import (
    ONCE,
    SINGLE_SIZE,
    SINGLE_TARGET,
    Missing,
    Setting,
    not_built,
    single_address,
)

# One after another, s_time's way; and so many at once.
_ONE_BY_ONE = 1000
_FRESH = 2000
_IN_FLIGHT = 100
_KEPT = 30_000
_CONNECTIONS = 64
_SECONDS = 3

_MANY = 10_000
# All handshakes must be over before the first answer, for all to be in flight at once.
_HELD_S = 30
_MANY_OPTIONS = (
    *("--fetches", str(_MANY), "--latency", str(_HELD_S), "--deadline", str(10 * _HELD_S), ONCE),
)
_ONE_OPTIONS = ("--fetches", "1", "--latency", "0", ONCE)


def fresh(setting: Setting) -> Iterator[Contest | Missing]:
    """A connection for each fetch, with a verified handshake."""
    options = ("--latency", "0", "--fetches", str(_FRESH), "--in-flight", str(_IN_FLIGHT), ONCE)
    quantities = fetch_costs(cpu=1 / 1.6, rate=1.6, memory=True)
    yield _against_libcurl("fresh", setting, options, _FRESH, quantities)

    if not is_there("openssl"):
        yield Missing("fresh", "openssl s_time: not installed", "install openssl")
        return
    address = f"{_bracketed(single_address())}:{setting.single.port('https')}"

    def theirs() -> Figures:
        authority = setting.single.authority
        return s_time.run(
            setting.programs, address, SINGLE_TARGET, SINGLE_SIZE, authority, _SECONDS
        )

    yield Contest(
        "fresh",
        setting.single_side("io_sequential", _ONE_BY_ONE, ()),
        Side("openssl s_time -new", theirs),
        fetch_costs(),
    )


def keepalive(setting: Setting) -> Iterator[Contest | Missing]:
    """Connections that are made before."""
    kept = ("--connection", "keepalive", "--in-flight", str(_CONNECTIONS))
    if is_there("wrk"):

        def theirs() -> Figures:
            url = setting.single_url
            return wrk.run(setting.programs, url, SINGLE_SIZE, _CONNECTIONS, _SECONDS)

        yield Contest(
            "keepalive",
            setting.single_side("io_async", _KEPT, kept),
            Side(f"wrk -t1 -c{_CONNECTIONS}", theirs),
            fetch_costs(rate=0.8),
        )
    else:
        yield Missing("keepalive", "wrk: not installed")


def memory(setting: Setting) -> Iterator[Contest | Missing]:
    """Ten thousand fresh connections in flight at once."""
    found = _libcurl("memory", setting, _MANY_OPTIONS)
    if isinstance(found, Missing):
        yield found
        return
    peers, ours, theirs = found

    def side(case: str) -> Side:
        def run() -> Figures:
            many, one = (
                peers.counters(case, options, setting.origin)
                for options in (_MANY_OPTIONS, _ONE_OPTIONS)
            )
            return growth(many, one)

        return Side(case_of(case), run)

    yield Contest(
        "memory", side(ours), side(theirs), (Quantity(Column.MEMORY, CONNECTION, bound=0.9),)
    )


def growth(many: Figures, one: Figures) -> Figures:
    """What each connection takes that a run of many has more than a run of one. Throws PeerError
    where they were not all there at once, or where memory cannot be told."""
    if many["wall_s"] >= 2 * _HELD_S:
        raise PeerError(
            f"handshakes of {_MANY} connections took longer than the {_HELD_S} s for which answers "
            "are held back: they were not in flight at once; run it again where nothing else runs"
        )
    if "max_rss_kb" not in many or "max_rss_kb" not in one:
        raise PeerError("this system does not tell peaks of memory")
    return {CONNECTION.key: (many["max_rss_kb"] - one["max_rss_kb"]) / (_MANY - 1)}


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def _libcurl(
    group: str, setting: Setting, options: Sequence[str]
) -> tuple[BenchSides, str, str] | Missing:
    """Who runs, our case and theirs."""
    if setting.peers is None:
        return not_built(group)
    ours, theirs = (setting.peers.find(case, options) for case in ("io_async", "io_libcurl_multi"))
    if ours is None or theirs is None:
        return Missing(group, "libcurl: bench_peers has no case of it for this")
    return setting.peers, ours, theirs


def _against_libcurl(
    group: str,
    setting: Setting,
    options: Sequence[str],
    count: int,
    quantities: tuple[Quantity, ...],
) -> Contest | Missing:
    found = _libcurl(group, setting, options)
    if isinstance(found, Missing):
        return found
    peers, ours, theirs = found
    figures = of_fetches(count)
    return Contest(
        group,
        peers.side(ours, options, setting.origin, figures),
        peers.side(theirs, options, setting.origin, figures),
        quantities,
    )
