from __future__ import annotations

from concurrency_report.machine import describe
from concurrency_report.results import Json


def test_a_machine_in_a_line() -> None:
    context: dict[str, Json] = {
        "host_name": "vm",
        "cpu_model": "Some CPU",
        "usable_cores": 1,
        "kernel": "Linux 6.1",
        "compiler": "gcc 12.2.0",
        "compiler_flags": "-O3",
        "git_commit": "fcbc7871aae50570e1d1f7dc3259b4cd3edeb3d5-dirty",
    }
    assert describe(context) == (
        "vm, Some CPU, 1 usable core, Linux 6.1, gcc 12.2.0 -O3, commit fcbc7871aae5-dirty"
    )


def test_what_is_not_known_is_left_out() -> None:
    assert describe({}) == ""
    assert describe({"usable_cores": 2}) == "2 usable cores"
