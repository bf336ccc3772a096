"""Google Benchmark's own compare.py, as it is installed."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..results import Json, write

_PLACES = (
    "/usr/share/benchmark/compare.py",
    "/usr/local/share/benchmark/compare.py",
    "/opt/homebrew/share/googlebenchmark/tools/compare.py",
    "/usr/local/share/googlebenchmark/tools/compare.py",
)
_VARIABLE = "BENCHMARK_COMPARE_PY"


class UpstreamError(Exception):
    """There is no compare.py; its text is one line."""


def find_compare_py() -> Path:
    """Where packages put it, or where the environment says it is."""
    named = os.environ.get(_VARIABLE)
    for place in [named] if named else _PLACES:
        if Path(place).is_file():
            return Path(place)
    raise UpstreamError(
        f"Google Benchmark's compare.py is not {named or 'installed'}: install libbenchmark-tools, "
        f"or let {_VARIABLE} name the file"
    )


def run(
    program: Path,
    options: Sequence[str],
    sides: Sequence[tuple[str, Mapping[str, Json], str | None]],
) -> int:
    """Compares two documents, each with a label to show and a filter or None; its exit status.
    It reads files alone, and classifies by content what it is given."""
    with tempfile.TemporaryDirectory(prefix="compare-") as folder:
        operands: list[str] = []
        labels: dict[str, str] = {}
        for name, (label, document, filter_) in zip(("baseline", "contender"), sides, strict=True):
            path = Path(folder) / f"{name}.json"
            write(document, path)
            labels[str(path)] = label
            operands += [str(path)] if filter_ is None else [str(path), filter_]
        mode = "benchmarks" if len(operands) == 2 else "benchmarksfiltered"
        command = [sys.executable, str(program), *options, mode, *operands]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    said = done.stdout
    for written, label in labels.items():
        said = said.replace(written, label)
    print(said, end="", flush=True)
    return done.returncode if done.returncode >= 0 else 128 - done.returncode
