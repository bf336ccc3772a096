"""tools/soak as a process: with a stand-in for bench that leaks, hangs or dies, and with bench."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from concurrency_report import memory
from concurrency_report.soak_sample import COLUMNS, read_samples

TOOLS = Path(__file__).resolve().parents[1]
BENCH = TOOLS.parent / "build" / "bench"
WATCHDOG_S = 60

pytestmark = pytest.mark.skipif(not memory.is_available(), reason="a soak needs Linux's /proc")
needs_bench = pytest.mark.skipif(not BENCH.exists(), reason="build/bench is not built")

# Passes, and one of them takes a moment.
ENOUGH = ("--passes", "16")
SMALL = ("--models", "async,processes,thread_pool", "--workloads", "io,cpu", "--deadline", "30")


class Soak:
    def __init__(self, folder: Path) -> None:
        self.results = folder / "results"
        self.stand_in = folder / "bench"
        self.stand_in.write_text(
            f'#!/bin/sh\nexec "{sys.executable}" "{TOOLS}/tests/soaked_bench.py" "$0" "$@"\n'
        )
        self.stand_in.chmod(0o755)
        origin = folder / "origin"
        origin.write_text(
            f"#!{sys.executable}\nimport sys\nprint('ready', flush=True)\nsys.stdin.read()\n"
        )
        origin.chmod(0o755)
        self.temporary = folder / "temporary"
        self.temporary.mkdir()

    def start(
        self, *options: str, bench: Path | None = None, behaviour: str = "well"
    ) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "concurrency_report", "soak"),
                *("--bench", str(bench or self.stand_in), "--results", str(self.results)),
                *options,
            ],
            cwd=TOOLS,
            env=os.environ | {"SOAKED_BENCH": behaviour, "TMPDIR": str(self.temporary)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(
        self, *options: str, bench: Path | None = None, behaviour: str = "well"
    ) -> subprocess.CompletedProcess[str]:
        with self.start(*options, bench=bench, behaviour=behaviour) as process:
            out, err = process.communicate()
        return subprocess.CompletedProcess([], process.returncode, out, err)

    def files_to_read(self) -> tuple[str, ...]:
        """Options of bench: what it makes for a while is made where this process's goes."""
        return ("--workloads", "io,disk", "--disk-directory", str(self.temporary))

    def folder(self) -> Path:
        (folder,) = self.results.iterdir()
        return folder

    def samples(self) -> list[dict[str, float]]:
        return read_samples(self.folder() / "soak.csv")


@pytest.fixture
def soak(tmp_path: Path) -> Soak:
    return Soak(tmp_path)


def await_end(processes: list[int]) -> None:
    """A killed process may be there for a moment more."""
    until = time.monotonic() + WATCHDOG_S
    while any(is_alive(each) for each in processes):
        assert time.monotonic() < until, "processes are left"
        time.sleep(0.01)


def is_alive(process: int) -> bool:
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def await_line(process: subprocess.Popen[str], text: str) -> str:
    """Standard error up to the line that has it."""
    assert process.stderr is not None
    said = ""
    until = time.monotonic() + WATCHDOG_S
    while text not in said:
        left = until - time.monotonic()
        assert left > 0, f"'{text}' never came: {said}"
        if select.select([process.stderr], [], [], left)[0]:
            line = process.stderr.readline()
            assert line, f"'{text}' never came: {said}"
            said += line
    return said


@needs_bench
def test_a_real_one_is_flat(soak: Soak) -> None:
    run = soak.run(
        *ENOUGH, *SMALL, "--faults", "reset_in_body,unknown_length,status_500", bench=BENCH
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.count("\n") == 1
    assert (soak.folder() / "soak.md").read_text() == run.stdout
    assert "Flat: at rest after each pass" in run.stdout
    assert re.search(r"bench's descriptors \d+, bench's threads 1,", run.stdout)
    assert "bench's children 0, bench's zombies 0," in run.stdout
    runs, failed = map(
        int, re.findall(r"of (\d+) runs (\d+) failed as they had to, none else", run.stdout)[0]
    )
    assert 0 < failed < runs
    samples = soak.samples()
    assert list(samples[0]) == list(COLUMNS)
    at_rest = [sample for sample in samples if sample["at_rest"]]
    assert [sample["pass"] for sample in at_rest] == list(range(1, len(at_rest) + 1))
    assert [sample["faulty"] for sample in at_rest] == [i % 2 for i in range(len(at_rest))]
    assert len(samples) > len(at_rest), "nothing was sampled in between"
    assert all(sample["bench_rss_kb"] > 1000 < sample["origin_rss_kb"] for sample in samples)
    picture = ElementTree.parse(soak.folder() / "soak.svg").getroot()
    assert picture.tag.endswith("svg")
    texts = {text for text in picture.itertext() if text.strip()}
    assert {"descriptors", "threads", "child processes", "RSS, MiB", "bench", "origin"} <= texts


@needs_bench
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGQUIT])
def test_interrupted_it_keeps_and_draws_what_there_is(soak: Soak, number: signal.Signals) -> None:
    with soak.start(*SMALL, *soak.files_to_read(), bench=BENCH) as process:
        await_line(process, "pass 2 (")
        assert list(soak.temporary.iterdir())
        processes = memory.process_tree(process.pid)
        assert len(processes) >= 3  # it, bench, the origin
        process.send_signal(number)
        out, err = process.communicate()
        assert process.returncode == 128 + number, err
    await_end(processes)
    assert not list(soak.temporary.iterdir())
    assert err.splitlines()[-1] == f"soak: interrupted by {number.name}"
    assert "error" not in err
    assert ", interrupted: " in out
    assert len([sample for sample in soak.samples() if sample["at_rest"]]) >= 2
    for name in ("soak.md", "soak.svg"):
        assert (soak.folder() / name).stat().st_size > 0


@needs_bench
def test_killed_it_leaves_samples_and_no_process(soak: Soak) -> None:
    with soak.start(*SMALL, *soak.files_to_read(), bench=BENCH) as process:
        await_line(process, "pass 2 (")
        processes = memory.process_tree(process.pid)
        process.kill()
    await_end(processes)
    # Nobody can remove what bench, killed with it, had made, but the next one that makes its own.
    assert [left.name.split(".")[0] for left in soak.temporary.iterdir()] == [
        "concurrency_models_files"
    ]
    subprocess.run(
        [
            *(str(BENCH), "--models", "sequential", *soak.files_to_read(), "--files", "1"),
            *("--benchmark_filter=^disk_", "--benchmark_min_time=0"),
        ],
        check=True,
        capture_output=True,
    )
    assert not list(soak.temporary.iterdir())
    assert len([sample for sample in soak.samples() if sample["at_rest"]]) >= 2


@needs_bench
def test_a_bench_that_stands_still_hangs(soak: Soak) -> None:
    with soak.start(*SMALL, "--watchdog", "3", bench=BENCH) as process:
        await_line(process, "pass 2 (")
        _, bench, *others = memory.process_tree(process.pid)
        os.kill(bench, signal.SIGSTOP)
        _, err = process.communicate()
    assert process.returncode == 1
    await_end([bench, *others])
    assert re.search(r"^soak: error: pass \d+ \(.*\): .*: said nothing for 3 s: hangs$", err, re.M)


def test_a_stand_in_that_does_well_is_flat(soak: Soak) -> None:
    run = soak.run(*ENOUGH)
    assert run.returncode == 0, run.stderr
    assert "error" not in run.stderr
    assert "2 cases each" in run.stdout


@pytest.mark.parametrize(
    ("behaviour", "what"),
    [("leaks", "descriptors"), ("zombies", "children"), ("zombies", "zombies")],
)
def test_what_is_not_let_go_of_is_seen(soak: Soak, behaviour: str, what: str) -> None:
    run = soak.run(*ENOUGH, behaviour=behaviour)
    assert run.returncode == 1
    assert f"soak: error: bench's {what}: grew steadily, by " in run.stderr
    assert "Not flat: bench's " in run.stdout


def test_a_case_that_fails_without_a_reason_is_told(soak: Soak) -> None:
    run = soak.run(*ENOUGH, behaviour="unexpected")
    assert run.returncode == 1
    line = "pass 3 (good hosts): cpu_async: job 0: 5 instead of 8; is the memory sound?"
    assert f"soak: error: {line}\n" in run.stderr
    assert "Flat: " in run.stdout
    assert f"- {line}\n" in (soak.folder() / "soak.md").read_text()


def test_a_bench_that_dies_is_told_with_its_last_words(soak: Soak) -> None:
    run = soak.run(behaviour="dies")
    assert run.returncode == 1
    assert (
        "soak: error: bench ended with signal 11 in pass 3 (good hosts): io_async: "
        "bench: a wild\ufffd[2J pointer\n"
    ) in run.stderr


def test_a_case_that_hangs_is_told_and_ended(soak: Soak) -> None:
    with soak.start("--watchdog", "2", behaviour="hangs") as process:
        await_line(process, "pass 2 (")
        processes = memory.process_tree(process.pid)
        _, err = process.communicate()
    assert process.returncode == 1
    await_end(processes)
    assert "pass 3 (good hosts): io_async: said nothing for 2 s: hangs\n" in err
    assert (soak.folder() / "soak.svg").exists()


def test_too_few_passes_are_no_verdict(soak: Soak) -> None:
    run = soak.run("--passes", "1")
    assert run.returncode == 1
    assert "too few" in run.stdout
    assert "soak: error: 1 passes are too few to tell: give it more --minutes\n" in run.stderr


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--minutes", "0"], "'0' is no number above 0"),
        (["--minutes", "1", "--passes", "1"], "not allowed with argument"),
        (["--passes", "0"], "'0' is no number from 1"),
        (["--minutes", "nan"], "'nan' is no number above 0"),
        (["--minutes", "ten"], "'ten' is no number above 0"),
        (["--watchdog", "-1"], "'-1' is no number above 0"),
        (["--faults", "refuse,nonsense"], "there is no fault 'nonsense'"),
        (["--faults", ",".join(["refuse"] * 11)], "10 at most"),
        (["--fault", "refuse"], "--fault is not for tools/soak: use --faults"),
        (["--origin=http://localhost:1"], "--origin is not for tools/soak"),
        (["--benchmark_out=x"], "use --results"),
        (["nonsense"], "'nonsense' is no option"),
    ],
)
def test_what_cannot_be_done_is_refused(soak: Soak, options: list[str], says: str) -> None:
    run = soak.run(*options)
    assert run.returncode == 2
    assert run.stdout == ""
    assert len(run.stderr.splitlines()) == 1
    assert run.stderr.startswith("soak: error: ")
    assert says in run.stderr
    assert not soak.results.exists()


@needs_bench
def test_what_bench_refuses_is_told_in_its_words(soak: Soak) -> None:
    run = soak.run("--models", "nonsense", bench=BENCH)
    assert run.returncode == 2
    assert len(run.stderr.splitlines()) == 1
    assert "nonsense" in run.stderr


def test_a_bench_that_is_not_there_is_told(soak: Soak, tmp_path: Path) -> None:
    run = soak.run(bench=tmp_path / "none")
    assert run.returncode == 1
    assert run.stderr == f"soak: error: {tmp_path}/none: cannot be run: No such file or directory\n"


def test_a_folder_that_cannot_be_is_refused(soak: Soak) -> None:
    soak.results.write_text("a file")
    run = soak.run()
    assert run.returncode == 2
    assert "choose another with --results" in run.stderr
