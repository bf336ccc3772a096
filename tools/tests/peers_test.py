"""tools/peers: which contests there are, and the command from its options to its files."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from concurrency_report.bench import Bench
from concurrency_report.children import Children
from concurrency_report.peers import compute_groups, fetch_groups, groups
from concurrency_report.peers.bench_side import BenchSides
from concurrency_report.peers.command import peers
from concurrency_report.peers.comparison import Comparison
from concurrency_report.peers.contest import Contest
from concurrency_report.peers.setting import Missing, Setting

from .peer_results import comparison

TOOLS = Path(__file__).resolve().parents[1]
BENCH = TOOLS.parent / "build" / "bench"


def lists(folder: Path, name: str, *cases: str) -> BenchSides:
    """A program that has these cases."""
    program = folder / name
    program.write_text("#!/bin/sh\n" + "".join(f"echo {case}\n" for case in cases))
    program.chmod(0o755)
    return BenchSides(Bench(program, Children()))


def setting(ours: BenchSides, peers: BenchSides | None) -> Setting:
    """With nothing to fetch from: contests are made, none is run."""
    nothing: Any = None
    return Setting(ours, peers, nothing, nothing, nothing, Path("urls"), 2, ())


def names(found: Iterator[Contest | Missing]) -> list[tuple[str, str] | str]:
    return [
        (each.ours.name, each.theirs.name) if isinstance(each, Contest) else each.text
        for each in found
    ]


def test_peers_are_matched_with_the_pool_of_their_size(tmp_path: Path) -> None:
    own = ("cpu_threads/real_time", "cpu_thread_pool/workers:2/real_time", "io_async/real_time")
    ours = lists(tmp_path, "bench", *own)
    others = ("cpu_tbb/workers:2/real_time", "cpu_tbb/workers:4/real_time", "cpu_futures/real_time")
    peers = lists(tmp_path, "bench_peers", *own, *others, "io_libcurl_multi/real_time")
    assert names(compute_groups.cpu(setting(ours, peers))) == [
        ("cpu_thread_pool/workers:2", "cpu_tbb/workers:2"),
        ("cpu_threads", "cpu_futures"),
    ]
    assert names(fetch_groups.memory(setting(ours, peers))) == [("io_async", "io_libcurl_multi")]

    standard = lists(tmp_path, "standard", *own, "cpu_std_async/real_time")
    *found, missing = compute_groups.cpu(setting(ours, standard))
    assert names(iter(found)) == [("cpu_threads", "cpu_std_async")]
    assert isinstance(missing, Missing), "nobody tells that oneTBB and OpenMP are not there"

    without = lists(tmp_path, "without", *own)
    assert len(names(compute_groups.cpu(setting(ours, without)))) == 1
    for group in (compute_groups.cpu, fetch_groups.memory):
        (missing,) = group(setting(ours, without))
        assert isinstance(missing, Missing)
        (missing,) = group(setting(ours, None))
        assert isinstance(missing, Missing)
        assert missing.text == "bench_peers is not built"


@pytest.mark.parametrize(
    ("arguments", "flaw"),
    [
        (["--only", "fresh,slow"], "--only: 'slow' is none of fresh, keepalive, memory, cpu"),
        (["--repetitions", "0"], "--repetitions: '0' is no number from 1 to 1000"),
        (["--fibonacci", "30:20:1"], "--fibonacci: '30:20:1' is no LOW:HIGH:REPEAT"),
        (["--fibonacci", "1:2:0"], "REPEAT must be 1 or more"),
        (["--latency-scale", "nan"], "--latency-scale: 'nan' is no number above 0"),
        (["--json", "/nowhere/peers.json"], "/nowhere/peers.json: there is no folder"),
        (["more"], "unrecognized arguments: more"),
    ],
)
def test_bad_input_is_one_line(
    arguments: list[str], flaw: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        peers(arguments)
    assert ended.value.code == 2
    complaint = capsys.readouterr().err
    assert flaw in complaint
    assert complaint.startswith("peers: error: ")
    assert complaint.count("\n") == 1


def test_the_command_knows_all_groups(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        peers(["--only", "none"])
    assert f"'none' is none of {', '.join(groups.GROUPS)} " in capsys.readouterr().err


needs_bench = pytest.mark.skipif(not BENCH.exists(), reason="build/bench is not built")


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """The groups that are run, cut down to what shows that all parts work together."""
    pytest.importorskip("httpx", reason="tools/setup peers installs it")
    monkeypatch.chdir(TOOLS)  # where Python finds the cases

    def python(setting: Setting) -> Iterator[Contest | Missing]:
        for each in compute_groups.python(setting):
            assert isinstance(each, Contest)
            if each.ours.name in ("io_processes", "io_async, whole program"):
                yield each

    def keepalive(_setting: Setting) -> Iterator[Contest | Missing]:
        yield Missing("keepalive", "wrk: not installed")

    monkeypatch.setattr(
        "concurrency_report.peers.run.GROUPS", {"keepalive": keepalive, "python": python}
    )


@needs_bench
def test_from_options_to_files(
    small: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--fibonacci", "3:6:1", "--latency-scale", "0.05", "--repetitions", "1"]
    files = ["--json", str(tmp_path / "p.json"), "--markdown", str(tmp_path / "p.md")]
    assert peers(["--bench", str(BENCH), *options, *files]) == 0
    said = capsys.readouterr()
    assert "peers: left out of keepalive: wrk: not installed\n" in said.err
    written = json.loads((tmp_path / "p.json").read_text())
    assert [(row["ours"], row["metric"]) for row in written["rows"]] == [
        *[("io_processes", key) for key in ("wall_s", "cpu_s", "max_rss_kb")],
        *[("io_async, whole program", key) for key in ("program_wall_s", "program_cpu_s")],
    ]
    for row in written["rows"]:
        assert row["ratio"] == pytest.approx(row["ours_median"] / row["theirs_median"])
        assert row["theirs_median"] > 0
    assert written["context"]["schema_version"] == "1"
    assert written["missing"] == [{"group": "keepalive", "reason": "wrk: not installed"}]
    assert "io_processes" in (tmp_path / "p.md").read_text()
    assert said.out.count("io_processes") == 1


@needs_bench
def test_what_was_asked_for_by_name_must_be_there(
    small: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert peers(["--bench", str(BENCH), "--only", "keepalive"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == (
        "peers: error: --only keepalive: wrk: not installed: run tools/setup peers\n"
    )


def test_a_program_that_is_no_bench_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert peers(["--bench", str(tmp_path / "bench")]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_an_interruption_says_what_is_known(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def compare(_options: Any, children: Children, *_: Any) -> tuple[Comparison, dict[str, Any]]:
        children.interrupted_by = signal.SIGTERM
        return comparison(), {}

    monkeypatch.setattr("concurrency_report.peers.run.compare", compare)
    file = tmp_path / "peers.json"
    assert peers(["--bench", str(BENCH), "--json", str(file)]) == 128 + signal.SIGTERM
    said = capsys.readouterr()
    assert "interrupted by SIGTERM; what is known until then" in said.err
    assert "1 of 2 targets reached" in said.out
    assert not file.exists()
