"""What tools/peers takes from programs of others, and when it does not believe them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pytest

from concurrency_report.children import Children
from concurrency_report.peers import s_time, wrk
from concurrency_report.peers.contest import PeerError
from concurrency_report.peers.programs import Ended, Programs

WRK = """Running 2s test @ https://localhost:35273/?delay_us=0&bytes=8192
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     3.50ms    3.78ms  83.65ms   85.64%
    Req/Sec    19.87k     4.92k   27.00k    52.63%
  39459 requests in 2.06s, 310.79MB read
Requests/sec:  19170.25
Transfer/sec:    150.99MB
"""
S_TIME = """Collecting connection statistics for 2 seconds
*****************************

1729 connections in 1.48s; 1168.24 connections/user sec, bytes read 14312662
1729 connections in 3 real seconds, 8278 bytes read per connection
"""


class Said:
    """Stands in for Programs: every program says the same."""

    def __init__(self, output: str) -> None:
        self.output = output

    def run(self, _command: Sequence[str]) -> Ended:
        return Ended(self.output, wall_s=2.0, cpu_s=0.5)


def said(output: str) -> Programs:
    return cast(Programs, Said(output))


def test_what_wrk_says() -> None:
    counted = wrk.parse(WRK)
    assert (counted.requests, counted.per_second) == (39459, 19170.25)
    assert counted.bytes == pytest.approx(310.79 * 2**20)
    assert wrk.run(said(WRK), "https://localhost:1/", 8192, 64, 2) == {
        "cpu_per_fetch_s": 0.5 / 39459,
        "fetches_per_second": 19170.25,
    }


@pytest.mark.parametrize(
    ("output", "flaw"),
    [
        ("unable to connect to localhost:1 Connection refused\n", "said nothing of requests"),
        (WRK + "  Socket errors: connect 0, read 3, write 0, timeout 0\n", "read 3"),
        (WRK + "  Non-2xx or 3xx responses: 17\n", "17 answers"),
        (WRK.replace("39459 requests", "0 requests"), "not one request"),
        (WRK.replace("310.79MB", "300.79MB"), "less than 8192 bytes"),
    ],
)
def test_wrk_is_not_believed_when_something_went_wrong(output: str, flaw: str) -> None:
    with pytest.raises(PeerError, match=flaw):
        wrk.run(said(output), "https://localhost:1/", 8192, 64, 2)


def test_what_s_time_says() -> None:
    figures = s_time.run(said(S_TIME), "127.0.0.1:1", "/", 8192, Path("ca"), 2)
    assert figures == {"cpu_per_fetch_s": 0.5 / 1729, "fetches_per_second": 1729 / 2.0}


@pytest.mark.parametrize(
    ("output", "flaw"),
    [
        ("ERROR\n", "said nothing of connections"),
        ("0 connections in 3 real seconds, 0 bytes read per connection\n", "not one connection"),
        (S_TIME.replace("8278 bytes", "140 bytes"), "140 bytes a connection"),
    ],
)
def test_s_time_is_not_believed_when_something_went_wrong(output: str, flaw: str) -> None:
    with pytest.raises(PeerError, match=flaw):
        s_time.run(said(output), "127.0.0.1:1", "/", 8192, Path("ca"), 2)


def test_a_program_that_fails_is_told_in_its_own_last_words() -> None:
    with Children() as children:
        programs = Programs(children)
        spun = programs.run(["sh", "-c", "i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); done"])
        assert spun.cpu_s > 0
        assert programs.run(["true"]).cpu_s < spun.cpu_s
        with pytest.raises(PeerError, match=r"^sh: no route$"):
            programs.run(["sh", "-c", "echo at first >&2; echo no route >&2; exit 3"])
        with pytest.raises(PeerError, match="ended with exit status 4"):
            programs.run(["sh", "-c", "exit 4"])
        with pytest.raises(PeerError, match="was ended by SIGKILL"):
            programs.run(["sh", "-c", "kill -KILL $$"])
        with pytest.raises(PeerError, match="cannot be run"):
            programs.run(["/nowhere/wrk"])
