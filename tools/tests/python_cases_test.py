"""The study's cases in Python, small, against a real origin."""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from concurrency_report.origin import Origin
from concurrency_report.peers.python_cases import models, work
from concurrency_report.peers.python_cases.cases import CASES
from concurrency_report.peers.python_cases.jobs import HOSTS, Fetch, Job, Sizes, workload
from concurrency_report.peers.python_cases.measure import measure
from concurrency_report.peers.python_cases.models import Model
from concurrency_report.published import published_machines
from concurrency_report.results import case_of

TOOLS = Path(__file__).resolve().parents[1]
ORIGIN = TOOLS.parent / "build" / "origin"
# One of each kind of worker, and all four workloads.
TRIED = (
    *("io_sequential", "io_processes", "io_async", "cpu_process_pool"),
    *("mixed_async_thread_pool", "blocking_async_process_pool"),
)


@pytest.fixture(scope="module")
def origin() -> Iterator[Origin]:
    if not ORIGIN.exists():
        pytest.skip("build/origin is not built")
    pytest.importorskip("httpx", reason="tools/setup peers installs it")
    pytest.importorskip("requests", reason="tools/setup peers installs it")
    with Origin(ORIGIN, None, lambda: False) as running:
        yield running


def run(
    case: str, origin: Origin, *options: str, port: int | None = None, ca: Path | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            *(sys.executable, "-m", "concurrency_report.peers.python_cases", case),
            *("--port", str(port or origin.port("https")), "--ca", str(ca or origin.authority)),
            *("--cores", "2", "--fibonacci", "3:6:2", "--latency-scale", "0.1", *options),
        ],
        cwd=TOOLS,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("case", TRIED)
def test_a_case_tells_what_it_cost(case: str, origin: Origin) -> None:
    ended = run(case, origin)
    assert ended.returncode == 0, ended.stderr
    figures = json.loads(ended.stdout)
    assert {"wall_s", "user_s", "sys_s"} <= set(figures) <= {*figures, "max_rss_kb"}
    assert figures["wall_s"] > 0
    # Of children, too: the parent alone would come to far less.
    assert figures["user_s"] + figures["sys_s"] > 0


@pytest.mark.parametrize("case", ["io_sequential", "io_async"])
def test_authority_and_host_name_are_verified(case: str, origin: Origin) -> None:
    with Origin(ORIGIN, None, lambda: False, ["--host-name", "other.test"]) as other:
        for ended, flaw in (
            (run(case, origin, ca=other.authority), "unable to get local issuer|signature"),
            (run(case, origin, port=other.port("https"), ca=other.authority), "ostname"),
        ):
            assert ended.returncode == 1
            assert ended.stdout == ""
            assert re.fullmatch(
                rf"python {case}: https://host01\.origin\.test:\d+/.*({flaw}).*\n", ended.stderr
            )


@pytest.mark.parametrize("model", [models.sequential, models.threads, models.processes])
def test_a_job_that_fails_fails_its_model(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[Job] = []

    def run(job: Job) -> None:
        if job.blocking == 2:
            raise work.JobError("job 2 failed")
        done.append(job)

    monkeypatch.setattr(models, "run_blocking", run)
    jobs = [Job(blocking=n) for n in (1, 2, 3)]
    model(jobs[:1], 2)
    with pytest.raises(work.JobError, match=r"job 2( failed|: its process ended with 1)"):
        model(jobs, 2)


def _cpu_of_children_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime  # what is short may count as either


def test_children_count() -> None:
    before = _cpu_of_children_s()
    figures = measure(lambda: models.processes([Job(blocking=22), Job(blocking=22)], 2))
    used_s = _cpu_of_children_s() - before
    assert 0 < used_s <= figures["user_s"] + figures["sys_s"]


@pytest.mark.parametrize(("status", "size"), [(404, 1024), (200, 1023)])
def test_another_answer_is_an_error(status: int, size: int) -> None:
    fetch = Fetch("host01.origin.test", "127.0.0.1", 1, "/", 1024, "ca.pem")
    work.check(fetch, 200, 1024)
    with pytest.raises(work.JobError, match=str(status if status != 200 else size)):
        work.check(fetch, status, size)


def test_a_wrong_number_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(1, 12):
        work.compute(n)
    monkeypatch.setattr(work, "fibonacci", lambda n: n)
    with pytest.raises(work.JobError, match="fibonacci"):
        work.compute(9)
    with pytest.raises(work.JobError, match="fibonacci"):
        work.compute(3)


def test_the_jobs_are_those_of_bench() -> None:
    protocol = (TOOLS.parent / "lib/src/origin_protocol.cpp").read_text()
    hosts = re.findall(r'\{"(\S+)", milliseconds\((\d+)\), (\d+) \* kib\}', protocol)
    assert [(name, int(latency), int(kib)) for name, latency, kib in hosts] == list(HOSTS)

    sizes = Sizes(3, 9, 3, 0.5)
    jobs = {
        name: workload(name, sizes, "127.0.0.1", 1, "ca")
        for name in ("io", "cpu", "mixed", "blocking")
    }
    assert {name: len(each) for name, each in jobs.items()} == {
        "io": 30,
        "cpu": 21,
        "mixed": 10,
        "blocking": 20,
    }
    assert [job.blocking for job in jobs["cpu"]] == 3 * [3, 4, 5, 6, 7, 8, 9]
    assert {job.blocking for job in jobs["mixed"]} == {7}
    first, eleventh = jobs["io"][0].request, jobs["io"][10].request
    assert first == eleventh
    assert first is not None
    assert first.target == "/?delay_us=2000&bytes=1024"
    assert all(job.request == job.blocking for job in jobs["blocking"])


def test_the_cases_are_the_studys() -> None:
    assert list(CASES) == [case_of(case.name) for case in published_machines()[0].cases]
