"""The `bench` program as the study uses it: list the cases, run one case in a fresh process."""

from __future__ import annotations

import re
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .children import Children
from .results import Json, ResultsError, Row, error_row, read

_CASE_NAME = re.compile(r"[a-z]+(_[a-z]+)+(/[A-Za-z0-9_:.]+)*")


class BenchError(Exception):
    """bench would not even list its cases; its text is one line, `status` what to exit with."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Sample:
    """What one process of bench gave: a row, which may be an error, and the context if it wrote
    any."""

    row: Row
    context: Mapping[str, Json] | None


@dataclass(frozen=True)
class Bench:
    """bench with the options that all its runs share; `filter` narrows the list of cases only."""

    program: Path
    children: Children
    options: Sequence[str] = ()
    filter: str | None = None

    def cases(self) -> list[str]:
        """The names of the study's cases in its order."""
        narrowed = [] if self.filter is None else [f"--benchmark_filter={self.filter}"]
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            try:
                status = self.children.run(
                    self._command("--benchmark_list_tests", *narrowed), stdout=out, stderr=err
                )
            except OSError as error:
                raise BenchError(f"{self.program}: cannot be run: {error.strerror}", 1) from error
            out.seek(0)
            err.seek(0)
            names = out.read().decode(errors="replace").split("\n")
            said = _last_line(err.read())
        if status != 0:
            raise BenchError(said or f"{self.program} {_ending(status)}", 2 if status == 2 else 1)
        names = [name for name in names if name]
        for name in names:
            if not _CASE_NAME.fullmatch(name):
                raise BenchError(f"{self.program} listed '{name[:60]}', which is no case", 1)
        if not names:
            raise BenchError(f"{self.program} listed no cases", 1)
        return names

    def sample(self, case: str) -> Sample:
        """Runs the case in a process of its own. Whatever goes wrong there is an error row."""
        with tempfile.TemporaryDirectory(prefix="study-") as folder:
            results = Path(folder) / "results.json"
            with tempfile.TemporaryFile() as err:
                try:
                    status = self.children.run(
                        self._command(
                            f"--benchmark_filter=^{_escaped(case)}$",
                            f"--benchmark_out={results}",
                            "--benchmark_out_format=json",
                        ),
                        stdout=subprocess.DEVNULL,
                        stderr=err,
                    )
                except OSError as error:
                    return Sample(error_row(case, f"bench cannot be run: {error.strerror}"), None)
                err.seek(0)
                said = _last_line(err.read())
            try:
                document = read(results)
            except ResultsError as error:
                reason = _reason(status, said)
                if status == 0:
                    reason = str(error).replace(str(results), "what bench wrote")
                return Sample(error_row(case, reason), None)
        rows = [row for row in document.rows if not row.is_aggregate]
        if len(rows) != 1 or rows[0].name != case:
            wrote = ", ".join(row.name for row in rows) or "no sample"
            return Sample(error_row(case, f"bench wrote {wrote} instead"), None)
        row = rows[0]
        if status != 0 and row.error is None:
            row = error_row(case, _reason(status, said))
        return Sample(row, document.context)

    def _command(self, *more: str) -> list[str | Path]:
        return [self.program, "--study", *self.options, *more]


def shown(name: str) -> str:
    """The name as people are told it: that real time counts goes without saying here."""
    return name.removesuffix("/real_time")


def _escaped(name: str) -> str:
    """For a POSIX extended expression, in which re.escape's '\\-' and '\\ ' are undefined."""
    return re.sub(r"([][.^$*+?(){}|\\])", r"\\\1", name)


def _reason(status: int, said: str) -> str:
    """bench's own words where it gave up in good order; how it ended as well where it crashed."""
    if not said:
        return _ending(status)
    return said if status > 0 else f"{_ending(status)}, {said}"


def _ending(status: int) -> str:
    if status >= 0:
        return f"ended with exit status {status}"
    try:
        return f"was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"was ended by signal {-status}"


def _last_line(text: bytes) -> str:
    lines = [line.strip() for line in text.decode(errors="replace").splitlines()]
    return next((line for line in reversed(lines) if line), "")
