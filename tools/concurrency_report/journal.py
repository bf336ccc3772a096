"""A study's samples as they come, a line of JSON each, on the disk before the next one begins.

The first line says what the study is, so that it can be gone on with; the last one, once all has
run, that it is finished. A process killed at any moment loses at most the line it was writing.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from .results import Json

FILE = "samples.jsonl"
_SCHEMA = 1


class JournalError(Exception):
    """A journal that cannot be used; its text is one line that names the file and the flaw."""


class Journal:
    """Owns the file and a lock on it: nobody else goes on with the same study meanwhile."""

    def __init__(self, path: Path, descriptor: int, study: Mapping[str, Json]) -> None:
        self.path = path
        self.study = study
        self.entries: list[Mapping[str, Json]] = []
        self.finished = False
        self._descriptor = descriptor

    @classmethod
    def create(cls, folder: Path, study: Mapping[str, Json], file: str = FILE) -> Journal:
        """In a folder that has none."""
        path = folder / file
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        _lock(descriptor, path)
        journal = cls(path, descriptor, study)
        journal._write({"schema": _SCHEMA, "study": dict(study)})
        return journal

    @classmethod
    def resume(cls, folder: Path, file: str = FILE) -> Journal:
        """Reads what ran and drops a last line that was cut short. Throws JournalError, and changes
        nothing, if any other line is damaged."""
        path = folder / file
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except OSError as error:
            raise JournalError(f"{path}: cannot be gone on with: {error.strerror}") from error
        try:
            _lock(descriptor, path)
            return cls._read(path, descriptor)
        except BaseException:
            os.close(descriptor)
            raise

    @classmethod
    def _read(cls, path: Path, descriptor: int) -> Journal:
        content = path.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        lines = [_parse(line, f"{path}: line {i}") for i, line in enumerate(whole.splitlines(), 1)]
        if not lines:
            raise JournalError(f"{path}: empty: start a new study")
        study = lines[0].get("study")
        if lines[0].get("schema") != _SCHEMA or not isinstance(study, dict):
            raise JournalError(f"{path}: line 1: written by another version: start a new study")
        journal = cls(path, descriptor, study)
        for line in lines[1:]:
            if line.get("finished") is True:
                journal.finished = True
            else:
                journal.entries.append(line)
        os.ftruncate(descriptor, len(whole))
        os.lseek(descriptor, 0, os.SEEK_END)
        return journal

    def append(self, entry: Mapping[str, Json]) -> None:
        """Throws OSError, naming the file, if the disk does not take it."""
        self._write(entry)
        self.entries.append(entry)

    def finish(self) -> None:
        self._write({"finished": True})
        self.finished = True

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        os.close(self._descriptor)

    def _write(self, entry: Mapping[str, Json]) -> None:
        line = json.dumps(entry, ensure_ascii=False, allow_nan=False).encode() + b"\n"
        try:
            start = os.lseek(self._descriptor, 0, os.SEEK_CUR)
            try:
                while line:
                    line = line[os.write(self._descriptor, line) :]
                os.fsync(self._descriptor)
            except OSError:
                # A line cut short in the middle of the file would spoil those after it.
                os.ftruncate(self._descriptor, start)
                os.lseek(self._descriptor, start, os.SEEK_SET)
                raise
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(self.path)) from error


def is_unfinished(path: Path) -> bool:
    """Whether there is something to go on with: a beginning and no end."""
    lines = path.read_bytes().splitlines()
    return len(lines) > 0 and b'"finished": true' not in lines[-1]


def _lock(descriptor: int, path: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise JournalError(f"{path}: another process is at this study") from error


def _parse(line: bytes, source: str) -> Mapping[str, Json]:
    try:
        entry = json.loads(line)
    except ValueError as error:
        raise JournalError(f"{source}: malformed: {error}: start a new study") from error
    if not isinstance(entry, dict):
        raise JournalError(f"{source}: malformed: no object: start a new study")
    return entry
