"""The `bench` program as the study uses it: list the cases, run one case in a fresh process."""

from __future__ import annotations

import re
import signal
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .children import Children
from .origin import Origin
from .plan import Run
from .results import Json, ResultsError, Row, error_row, read, renamed

UNCALIBRATED = "--efficiency=false"
"""A process for each sample would calibrate for each, for counters that go nowhere; and it takes
processes, whose memory is none of the case's."""

_CASE_NAME = re.compile(r"[a-z]+_[a-z0-9_]+(/[A-Za-z0-9_:.]+)*")


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
    """bench with the options that all its runs share. `defaults` are what any other overrules."""

    program: Path
    children: Children
    options: Sequence[str] = ()
    defaults: Sequence[str] = ()

    @property
    def needs_origin(self) -> bool:
        return needs_origin(self.options)

    def origin(self, processors: Sequence[int] | None = None) -> Origin:
        """One for samples to share, of the program beside bench."""
        return Origin(
            self.program.with_name("origin"),
            processors,
            interrupted=lambda: self.children.interrupted_by is not None,
            arguments=_origin_arguments(self.options),
        )

    def knows(self, option: str) -> bool:
        """Whether its --help names the option; False if it has none."""
        with tempfile.TemporaryFile() as out:
            try:
                self.children.run(
                    [str(self.program), "--help"], stdout=out, stderr=subprocess.DEVNULL
                )
            except OSError:
                return False
            out.seek(0)
            return option in out.read().decode(errors="replace").split()

    def cases(
        self,
        options: Sequence[str] = (),
        *,
        filter: str | None = None,
        processors: Sequence[int] | None = None,
    ) -> list[str]:
        """The names of the cases that bench has with these options, in its order."""
        narrowed = [] if filter is None else [f"--benchmark_filter={filter}"]
        command = [
            *(str(self.program), *self.options, *options),
            *("--benchmark_list_tests", *narrowed),
        ]
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            try:
                status = self.children.run(command, stdout=out, stderr=err, processors=processors)
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

    def sample(
        self,
        run: Run,
        origin: Origin | None,
        *,
        trace: Path | None = None,
        meanwhile: Callable[[int], None] | None = None,
    ) -> Sample:
        """One run in a process of its own, which fetches from the origin if there is one. Whatever
        goes wrong there is an error row. `trace` is where to keep a timeline, `meanwhile` as
        Children.run takes it."""
        with tempfile.TemporaryDirectory(prefix="study-") as folder:
            results = Path(folder) / "results.json"
            command = [
                *(str(self.program), *self._options_for(run, origin)),
                f"--benchmark_filter=^{_escaped(run.case)}$",
                *(f"--benchmark_out={results}", "--benchmark_out_format=json"),
                *([] if trace is None else [f"--trace={trace}"]),
            ]
            with tempfile.TemporaryFile() as err:
                try:
                    status = self.children.run(
                        command,
                        stdout=subprocess.DEVNULL,
                        stderr=err,
                        processors=run.processors,
                        meanwhile=meanwhile,
                    )
                except OSError as error:
                    reason = f"bench cannot be run: {error.strerror}"
                    return Sample(error_row(run.name, reason), None)
                err.seek(0)
                said = _last_line(err.read())
            try:
                document = read(results)
            except ResultsError as error:
                reason = _reason(status, said)
                if status == 0:
                    reason = str(error).replace(str(results), "what bench wrote")
                return Sample(error_row(run.name, reason), None)
        rows = [row for row in document.rows if not row.is_aggregate]
        if len(rows) != 1 or rows[0].name != run.case:
            wrote = ", ".join(row.name for row in rows) or "no sample"
            return Sample(error_row(run.name, f"bench wrote {wrote} instead"), None)
        row = rows[0]
        if run.name != run.case:
            # With options of its own it is no longer the study's case.
            row = renamed(row, run.name, label="")
        if status != 0 and row.error is None:
            row = error_row(run.name, _reason(status, said))
        return Sample(row, document.context)

    def _options_for(self, run: Run, origin: Origin | None) -> list[str]:
        options = [*self.defaults, *run.defaults, *self.options, *run.options]
        if origin is None:
            return options
        return [*_without_scheme(options), *origin.options(_scheme(options))]


def needs_origin(options: Sequence[str]) -> bool:
    """Whether bench would start an origin of its own, being told of no other server."""
    return not {"--origin", "--urls"} & set(map(_name, options))


def _origin_arguments(options: Sequence[str]) -> list[str]:
    """What an origin of bench's own would be started with for these options of bench."""
    resumed = _value_of("--connection", options) == "resumed"
    return ["--session-tickets"] if resumed else []


def _name(option: str) -> str:
    return option.partition("=")[0]


def _scheme(options: Sequence[str]) -> str:
    return _value_of("--scheme", options) or "https"


def _value_of(name: str, options: Sequence[str]) -> str | None:
    """As bench takes it: of one given twice the last counts."""
    given = None
    for place, option in enumerate(options):
        if option == name and place + 1 < len(options):
            given = options[place + 1]
        elif option.startswith(f"{name}="):
            given = option.partition("=")[2]
    return given


def _without_scheme(options: Sequence[str]) -> list[str]:
    """An origin's URL has the scheme, and bench takes one of the two only."""
    kept = []
    is_value = False
    for option in options:
        if not is_value and _name(option) != "--scheme":
            kept.append(option)
        is_value = not is_value and option == "--scheme"
    return kept


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
