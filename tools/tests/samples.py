"""Documents in the shape that bench writes, made by code so that a test says what matters in it."""

from __future__ import annotations

import json
from typing import Any

COUNTERS: dict[str, float] = {
    "user_s": 0.01,
    "sys_s": 0.02,
    "wall_s": 0.05,
    "cpu_pct": 60.0,
    "vol_ctx": 31.0,
    "invol_ctx": 2.0,
    "minor_faults": 250.0,
    "major_faults": 0.0,
    "processes": 0.0,
    "threads": 6.0,
    "job_p50_s": 0.02,
    "job_p99_s": 0.04,
    "job_max_s": 0.05,
    "max_rss_kb": 12288.0,
}


MODELS = {
    "sequential": ("none", "absent"),
    "threads": ("per_job", "absent"),
    "processes": ("per_job", "absent"),
    "thread_pool": ("bounded", "absent"),
    "process_pool": ("bounded", "absent"),
    "async": ("none", "stalled"),
    "async_sequential": ("none", "stalled"),
    "async_thread_pool": ("bounded", "kept_free"),
    "async_process_pool": ("bounded", "kept_free"),
}


def row(name: str, label: str = "", **counters: float) -> dict[str, Any]:
    figures = COUNTERS | counters
    return {
        "name": name,
        "family_index": 0,
        "per_family_instance_index": 0,
        "run_name": name,
        "run_type": "iteration",
        "repetitions": 1,
        "repetition_index": 0,
        "iterations": 10,
        "real_time": figures["wall_s"] * 1000,
        "cpu_time": 1.5,
        "time_unit": "ms",
        "label": label,
        **figures,
    }


def failed_row(name: str, message: str, label: str = "") -> dict[str, Any]:
    return {
        "name": name,
        "run_name": name,
        "run_type": "iteration",
        "repetitions": 1,
        "repetition_index": 0,
        "threads": 1,
        "label": label,
        "error_occurred": True,
        "error_message": message,
    }


def row_without(name: str, counter: str) -> dict[str, Any]:
    return {key: value for key, value in row(name).items() if key != counter}


def document(*rows: dict[str, Any], schema_version: str = "1") -> dict[str, Any]:
    return {
        "context": {
            "date": "2026-01-01T00:00:00+00:00",
            "host_name": "somewhere",
            "schema_version": schema_version,
            "usable_cores": 2,
            "kernel": "Linux 6.1.0",
            "execution_models": {
                model: {"workers": workers, "event_loop": event_loop}
                for model, (workers, event_loop) in MODELS.items()
            },
        },
        "benchmarks": list(rows),
    }


def text(*rows: dict[str, Any], schema_version: str = "1") -> str:
    return json.dumps(document(*rows, schema_version=schema_version))
