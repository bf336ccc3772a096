from __future__ import annotations

from collections.abc import Mapping

from concurrency_report.results import Json
from concurrency_report.samples import common_context


def test_what_differs_between_runs_is_no_common_context() -> None:
    contexts: list[Mapping[str, Json]] = [
        {"kernel": "Linux", "fetches": 3, "date": "today"},
        {"kernel": "Linux", "fetches": 10, "page_cache": "in use", "date": "tomorrow"},
    ]
    assert common_context(contexts) == {
        "kernel": "Linux",
        "page_cache": "in use",
        "date": "today",
    }


def test_models_of_all_runs_are_listed_together() -> None:
    contexts: list[Mapping[str, Json]] = [
        {"execution_models": {"async": {"workers": "none"}}},
        {"execution_models": {"threads": {"workers": "per_job"}}},
    ]
    assert common_context(contexts)["execution_models"] == {
        "async": {"workers": "none"},
        "threads": {"workers": "per_job"},
    }
