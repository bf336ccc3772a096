"""A side of a comparison: a file of results, standard input, or a program that makes them."""

from __future__ import annotations

import os
import re
import signal
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ..children import Children
from ..results import Document, Json, Row, parse, read

STANDARD_INPUT = "-"


class InputError(Exception):
    """Its text is one line; `status` is what to exit with."""

    def __init__(self, message: str, status: int = 2) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Source:
    """What was named on the command line, and of that the cases whose name matches `filter`, all
    for None. What matches is replaced by `replacement`, which makes cases of two filters one, as
    compare.py has it."""

    name: str
    filter: str | None = None
    replacement: str = ""

    @property
    def label(self) -> str:
        return "standard input" if self.name == STANDARD_INPUT else self.name


@dataclass(frozen=True)
class Results:
    """A side's rows by what they are compared under; `failed` is whether its program said that a
    case failed."""

    label: str
    context: dict[str, Json]
    rows: dict[str, list[Row]]
    failed: bool = False

    def samples(self, key: str) -> list[Row]:
        """Those that are figures, without aggregates and errors."""
        return [row for row in self.rows[key] if not row.is_aggregate and row.error is None]


def load(source: Source, options: Sequence[str], children: Children, stdin: BinaryIO) -> Results:
    """`options` are for a program. Throws InputError and ResultsError."""
    failed = False
    if source.name == STANDARD_INPUT:
        document = parse(_text(stdin.read(), source.label), source.label)
    elif is_program(Path(source.name)):
        document, failed = _run(source, options, children)
    else:
        document = read(Path(source.name))
    if all(row.is_aggregate for row in document.rows):
        raise InputError(
            f"{source.label}: has aggregates only: let it write its repetitions too, without "
            "--benchmark_report_aggregates_only"
        )
    rows: dict[str, list[Row]] = {}
    for row in document.rows:
        key = _key(row.name, source)
        if key is not None:
            rows.setdefault(key, []).append(row)
    if not rows:
        raise InputError(f"{source.label}: no case matches '{source.filter}'")
    return Results(source.label, dict(document.context), rows, failed)


def is_program(path: Path) -> bool:
    """Not every file that may be executed: some systems say that of all."""
    if not path.is_file() or not os.access(path, os.X_OK):
        return False
    with path.open("rb") as file:
        start = file.read(1)
    return start not in (b"{", b"")


def _key(name: str, source: Source) -> str | None:
    if source.filter is None:
        return name
    pattern = re.compile(source.filter)
    return pattern.sub(lambda _: source.replacement, name) if pattern.search(name) else None


def _run(source: Source, options: Sequence[str], children: Children) -> tuple[Document, bool]:
    """What the program writes to standard output, and whether it failed in a case. What else it
    says goes where ours goes."""
    command = [os.path.abspath(source.name), *options, "--benchmark_format=json"]  # noqa: PTH100
    if source.filter is not None:
        command.append(f"--benchmark_filter={source.filter}")
    with tempfile.TemporaryFile() as out:
        try:
            status = children.run(command, stdout=out)
        except OSError as error:
            raise InputError(f"{source.name}: cannot be run: {error.strerror}") from error
        out.seek(0)
        text = out.read()
    if children.interrupted_by is not None:
        raise InputError(
            f"{source.name}: interrupted by {children.interrupted_by.name}",
            128 + children.interrupted_by,
        )
    if status < 0:
        raise InputError(
            f"{source.name}: was ended by {signal.Signals(-status).name}", 128 - status
        )
    if status != 0 and not text.strip():
        raise InputError(f"{source.name}: ended with exit status {status}", status)
    label = f"what {source.name} wrote"
    return parse(_text(text, label), label), status != 0


def _text(content: bytes, label: str) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise InputError(f"{label}: not UTF-8 at byte {error.start}") from error
