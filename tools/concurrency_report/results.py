"""Google Benchmark's JSON as this project writes it: read strictly, merged, written.

A `Document` is one file: a context and rows. A figure that is missing is absent, never zero.
"""

from __future__ import annotations

import json
import math
import re
import reprlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from .whole_file import write_text

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

SCHEMA_VERSION = "1"

# What each row keeps about itself besides its counters; Google Benchmark adds more with time, and
# a key that is unknown here and has a number is taken for a counter. Its own "threads" never is
# there: bench writes how many the model used.
_NOT_COUNTERS = frozenset(
    {
        "family_index",
        "per_family_instance_index",
        "repetitions",
        "repetition_index",
        "iterations",
        "real_time",
        "cpu_time",
    }
)
_SECONDS_PER_UNIT = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}


_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")

_LONGEST_SHOWN = 80
_in_messages = reprlib.Repr()
_in_messages.maxstring = _in_messages.maxother = _in_messages.maxlong = _LONGEST_SHOWN


class ResultsError(Exception):
    """A results file that cannot be used; its text is one line that names the file and the flaw."""


@dataclass(frozen=True)
class Row:
    """One sample of one case, or the error in its place; the case is the name up to its first '/'.

    `raw` is the row as it was read, for writing it again without loss.
    """

    name: str
    label: str
    wall_s: float | None
    counters: Mapping[str, float]
    error: str | None
    raw: Mapping[str, Json]

    @property
    def case(self) -> str:
        return case_of(self.name)

    @property
    def number(self) -> str | None:
        """The study's number for this case, of its eighteen: '01' to '18'."""
        word, _, number = self.label.partition(" ")
        return number if word == "case" and number.isdecimal() else None

    @property
    def is_aggregate(self) -> bool:
        return self.raw.get("run_type") == "aggregate"


@dataclass(frozen=True)
class Document:
    """One results file. Its rows stand in the order of the file."""

    context: Mapping[str, Json]
    rows: tuple[Row, ...]


def case_of(name: str) -> str:
    """'io_thread_pool' of 'io_thread_pool/workers:6/real_time'."""
    return name.split("/", 1)[0]


def workload_of(name: str) -> str:
    """'io' of the same: no workload has a '_' in its name."""
    return case_of(name).split("_", 1)[0]


def read(path: Path) -> Document:
    try:
        with path.open("rb") as stream:
            return read_stream(stream, str(path))
    except OSError as error:
        raise ResultsError(f"{path}: cannot be read: {error.strerror}") from error


def read_stream(stream: BinaryIO, source: str) -> Document:
    """Reads to the stream's end; `source` is what errors call it."""
    try:
        text = stream.read().decode()
    except UnicodeDecodeError as error:
        raise ResultsError(f"{source}: not UTF-8 at byte {error.start}") from error
    return parse(text, source)


def parse(text: str, source: str) -> Document:
    """Reads a document; `source` is what errors call it."""
    if not text.strip():
        raise ResultsError(f"{source}: empty, no JSON document")
    try:
        document: Json = json.loads(
            text, parse_constant=_refuse_constant, parse_float=_finite, parse_int=_finite_int
        )
    except json.JSONDecodeError as error:
        cut = error.msg.startswith("Unterminated") or not text[error.pos :].strip()
        kind = "truncated" if cut else "malformed"
        raise ResultsError(
            f"{source}: {kind} JSON at line {error.lineno}, column {error.colno}: {error.msg}"
        ) from error
    except (ValueError, RecursionError) as error:
        raise ResultsError(f"{source}: malformed JSON: {error}") from error
    if _ESCAPED_SURROGATE.search(text) and not _can_be_written(document):
        raise ResultsError(f"{source}: malformed JSON: \\uD800 to \\uDFFF stand alone in a text")

    if not isinstance(document, dict):
        raise ResultsError(f"{source}: not a benchmark's results: no object at the top")
    context = document.get("context")
    if not isinstance(context, dict):
        raise ResultsError(f"{source}: not a benchmark's results: no 'context'")
    version = context.get("schema_version")
    if version is None:
        raise ResultsError(
            f"{source}: written by another program: its context has no 'schema_version'"
        )
    if version != SCHEMA_VERSION:
        raise ResultsError(
            f"{source}: has schema version {_shown(version)}, only {SCHEMA_VERSION} is understood "
            "here: use the tools of the version that wrote it"
        )
    benchmarks = document.get("benchmarks")
    if not isinstance(benchmarks, list):
        raise ResultsError(f"{source}: not a benchmark's results: no list 'benchmarks'")
    if not benchmarks:
        raise ResultsError(f"{source}: has no benchmarks")
    rows = tuple(
        parse_row(entry, f"{source}: benchmark {i}") for i, entry in enumerate(benchmarks, 1)
    )
    return Document(context, rows)


def error_row(name: str, message: str) -> Row:
    """The row for a sample that ended without writing one."""
    raw: dict[str, Json] = {
        "name": name,
        "run_name": name,
        "run_type": "iteration",
        "threads": 1,
        "error_occurred": True,
        "error_message": message,
    }
    return Row(name, "", None, {}, message, raw)


def renamed(row: Row, name: str, label: str) -> Row:
    """The same figures under another name."""
    raw = {**row.raw, "name": name, "run_name": name, "label": label}
    return replace(row, name=name, label=label, raw=raw)


def with_counters(row: Row, counters: Mapping[str, float]) -> Row:
    """The row with counters of ours beside those that bench wrote."""
    return replace(row, counters={**row.counters, **counters}, raw={**row.raw, **counters})


def merge(
    context: Mapping[str, Json], names: Sequence[str], samples: Sequence[tuple[int, Row]], of: int
) -> dict[str, Json]:
    """Makes one document of single samples, each with the index of its round, `of` rounds in all.

    Rows stand case by case in the order of `names`, as Google Benchmark itself writes repetitions.
    """
    family = {name: i for i, name in enumerate(names)}
    rows: list[Json] = []
    for index, row in sorted(samples, key=lambda sample: (family[sample[1].name], sample[0])):
        rows.append(
            {
                **row.raw,
                # Each sample was the only family of its own process.
                "family_index": family[row.name],
                "per_family_instance_index": 0,
                "repetitions": of,
                "repetition_index": index,
            }
        )
    return {"context": dict(context), "benchmarks": rows}


def as_json(document: Mapping[str, Json]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def write(document: Mapping[str, Json], path: Path) -> None:
    """Writes all or nothing: a reader never finds half a document."""
    write_text(path, as_json(document))


def parse_row(entry: Json, source: str) -> Row:
    """Reads one row of a document; `source` is what errors call it."""
    if not isinstance(entry, dict):
        raise ResultsError(f"{source}: no object")
    name = entry.get("name")
    if not isinstance(name, str) or not name:
        raise ResultsError(f"{source}: has no name")
    run_name = entry.get("run_name", name)
    source = f"{source} ({_shown(name)})"
    label = entry.get("label", "")
    if not isinstance(run_name, str) or not isinstance(label, str):
        raise ResultsError(f"{source}: its label or run_name is no text")
    if entry.get("error_occurred"):
        message = entry.get("error_message")
        error = message if isinstance(message, str) and message else "no reason given"
        return Row(run_name, label, None, {}, error, entry)
    counters = {
        key: float(value)
        for key, value in entry.items()
        if isinstance(value, int | float)
        and not isinstance(value, bool)
        and key not in _NOT_COUNTERS
    }
    wall_s = counters.get("wall_s", _real_time_s(entry, source))
    return Row(run_name, label, wall_s, counters, None, entry)


def _real_time_s(entry: Mapping[str, Json], source: str) -> float:
    time, unit = entry.get("real_time"), entry.get("time_unit")
    if isinstance(time, bool) or not isinstance(time, int | float) or time < 0:
        raise ResultsError(f"{source}: has no real_time and no error either")
    if not isinstance(unit, str) or unit not in _SECONDS_PER_UNIT:
        raise ResultsError(
            f"{source}: its time_unit is {_in_messages.repr(unit)}, not ns, us, ms or s"
        )
    return time * _SECONDS_PER_UNIT[unit]


def _shown(value: Json) -> str:
    """A value as part of a message: in one line, and not too long for one."""
    shown = _in_messages.repr(value)
    if isinstance(value, str) and shown[1:-1] == value:
        return value
    return shown if len(shown) <= _LONGEST_SHOWN else shown[: _LONGEST_SHOWN - 3] + "..."


def _can_be_written(document: Json) -> bool:
    """Whether its texts are text: JSON can escape one half of a character without the other."""
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _refuse_constant(constant: str) -> Json:
    raise ValueError(f"{constant} is no JSON number")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{_shown(text)} is out of range")
    return value


def _finite_int(text: str) -> int:
    _finite(text)
    return int(text)
