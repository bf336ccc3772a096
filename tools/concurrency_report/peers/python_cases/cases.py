"""The study's 18 cases by their names in this project, in its order."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from . import models
from .models import Model

_MODELS: Mapping[str, Model] = {
    "sequential": models.sequential,
    "threads": models.threads,
    "processes": models.processes,
    "thread_pool": models.thread_pool,
    "process_pool": models.process_pool,
    "async": models.async_,
    "async_sequential": models.async_sequential,
    "async_thread_pool": models.async_thread_pool,
    "async_process_pool": models.async_process_pool,
}

CASES = (
    *("io_sequential", "io_threads", "io_processes", "io_thread_pool", "io_process_pool"),
    *("io_async", "io_async_sequential"),
    *("cpu_sequential", "cpu_threads", "cpu_processes", "cpu_thread_pool", "cpu_process_pool"),
    *("mixed_async", "mixed_async_thread_pool", "mixed_async_process_pool"),
    *("blocking_async", "blocking_async_thread_pool", "blocking_async_process_pool"),
)


def load(case: str) -> None:
    """Imports what the case fetches with, as a script does at its top: before any process is
    forked, which would have to do it by itself, and nothing that only other cases need."""
    workload, model = case.split("_", 1)
    if workload != "cpu":
        awaits = model.startswith("async")
        if awaits:
            import_module(".async_client", __package__)
        if workload == "blocking" or not awaits:
            import_module(".blocking_client", __package__)


def parts(case: str) -> tuple[str, Model]:
    """Its workload and its model."""
    workload, _, model = case.partition("_")
    return workload, _MODELS[model]
