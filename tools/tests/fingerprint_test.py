"""Which results compare with which, by their contexts."""

from __future__ import annotations

import pytest

from concurrency_report.fingerprint import fingerprint
from concurrency_report.results import Json

CONTEXT: dict[str, Json] = {
    "date": "2026-01-01T00:00:00+00:00",
    "host_name": "vm",
    "cpu_model": "AMD EPYC",
    "num_cpus": 2,
    "usable_cores": 2,
    "kernel": "Linux 6.1",
    "compiler": "gcc 12.2.0",
    "compiler_flags": "-O3",
    "build_type": "Release",
    "git_commit": "1faf07d3",
    "fibonacci": "32:38:3",
}


def test_neither_commit_nor_host_nor_date_tell_results_apart() -> None:
    other = fingerprint({**CONTEXT, "git_commit": "2", "host_name": "b", "date": "", "load_avg": 1})

    assert other == fingerprint(CONTEXT)
    assert other.digest == fingerprint(CONTEXT).digest
    assert other.differences(fingerprint(CONTEXT)) == {}


@pytest.mark.parametrize(
    ("key", "value"), [("cpu_model", "Intel"), ("kernel", "Linux 6.2"), ("build_type", "Debug")]
)
def test_machine_and_build_do(key: str, value: str) -> None:
    other = fingerprint({**CONTEXT, key: value})

    assert other.digest != fingerprint(CONTEXT).digest
    assert fingerprint(CONTEXT).differences(other) == {key: f"{CONTEXT[key]} and {value}"}


def test_a_workload_differs_by_itself() -> None:
    other = fingerprint({**CONTEXT, "fibonacci": "20:22:1"})

    assert other.digest == fingerprint(CONTEXT).digest
    assert other.workload_digest != fingerprint(CONTEXT).workload_digest
    assert other.differences(fingerprint(CONTEXT)) == {"fibonacci": "20:22:1 and 32:38:3"}


def test_a_digest_depends_on_values_alone() -> None:
    turned = dict(reversed(CONTEXT.items()))

    assert fingerprint(turned).digest == fingerprint(CONTEXT).digest
    assert str(fingerprint(CONTEXT)) == (
        "AMD EPYC, 2 usable cores, Linux 6.1, gcc 12.2.0 -O3, Release build"
    )


def test_what_a_context_does_not_say_is_unknown() -> None:
    assert str(fingerprint({})) == ""
    assert fingerprint({}).differences(fingerprint({"kernel": "Linux"})) == {
        "kernel": "unknown and Linux"
    }
