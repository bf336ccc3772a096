from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from concurrency_report.machine_results import MachineResults, load
from concurrency_report.results import ResultsError

from . import samples


def machine(folder: Path, cores: int = 2, **context: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    document = samples.document(samples.row("io_async"), samples.row("io_threads"))
    document["context"] |= {"usable_cores": cores} | context
    (folder / "results.json").write_text(json.dumps(document))
    return folder


def loaded(folder: Path) -> MachineResults:
    (found,) = load(folder)
    return found


def test_a_folder_is_a_machine(tmp_path: Path) -> None:
    found = loaded(machine(tmp_path))
    assert found.title == "somewhere, 2 cores"
    assert [case.name for case in found.cases] == ["io_async", "io_threads"]
    assert found.claims == []
    assert found.traces == {}


def test_folders_in_it_are_machines_fewest_cores_first(tmp_path: Path) -> None:
    for cores in (10, 2, 1):
        machine(tmp_path / f"{cores}-cores", cores)
    assert [each.cores for each in load(tmp_path)] == [1, 2, 10]


def test_total_memory_joins_the_other_figures(tmp_path: Path) -> None:
    machine(tmp_path)
    memory = samples.text(samples.row("io_async", total_pss_kb=777))
    (tmp_path / "memory.json").write_text(memory)
    one, other = loaded(tmp_path).cases
    assert one.value("total_pss_kb") == 777
    assert other.value("total_pss_kb") is None


def test_runs_for_claims_stand_apart_with_models_of_their_own(tmp_path: Path) -> None:
    machine(tmp_path)
    document = samples.document(samples.row("cpu_gil_threads"))
    document["context"]["execution_models"] = {
        "gil_threads": {"workers": "per_job", "event_loop": "absent"}
    }
    document["context"]["page_cache"] = "in use"
    (tmp_path / "claims.json").write_text(json.dumps(document))
    found = loaded(tmp_path)
    assert [case.name for case in found.claims] == ["cpu_gil_threads"]
    assert found.claims[0].traits is not None
    assert found.context["page_cache"] == "in use"


def test_timelines_belong_to_their_cases(tmp_path: Path) -> None:
    machine(tmp_path)
    (tmp_path / "timelines").mkdir()
    (tmp_path / "timelines/io_async.json").write_text('{"traceEvents": []}')
    assert loaded(tmp_path).traces == {"io_async": {"traceEvents": []}}


@pytest.mark.parametrize(
    ("file", "content", "complaint"),
    [
        ("results.json", "{", "truncated JSON"),
        ("memory.json", "[]", "not a benchmark's results"),
        ("claims.json", '{"context": {}}', "written by another program"),
        ("timelines/io_async.json", "{", "no timeline"),
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, file: str, content: str, complaint: str) -> None:
    machine(tmp_path)
    (tmp_path / "timelines").mkdir()
    (tmp_path / file).write_text(content)
    with pytest.raises(ResultsError) as caught:
        load(tmp_path)
    assert str(caught.value).startswith(f"{tmp_path / file}: ")
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


def test_results_of_an_older_bench_are_refused(tmp_path: Path) -> None:
    machine(tmp_path, execution_models=None)
    with pytest.raises(ResultsError, match="older bench"):
        load(tmp_path)


def test_a_folder_without_results_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match="no study's results"):
        load(tmp_path)
    with pytest.raises(ResultsError, match="no such folder"):
        load(tmp_path / "nowhere")
    (tmp_path / "samples.jsonl").write_text("{}")
    with pytest.raises(ResultsError, match="--resume"):
        load(tmp_path)
