"""The history's file: SQLite, a row for each case and metric of each results file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from .measured import Configuration, Measured

_APPLICATION = 0x434D6869  # "CMhi": what tells the file from any other program's
_SCHEMA_VERSION = 1
_WAIT_S = 60.0  # for another process that is writing

_SCHEMA = """
CREATE TABLE configurations (
  fingerprint TEXT NOT NULL,
  workload TEXT NOT NULL,
  machine_and_build TEXT NOT NULL,
  workload_options TEXT NOT NULL,
  PRIMARY KEY (fingerprint, workload)
) WITHOUT ROWID;
CREATE TABLE results (
  digest TEXT PRIMARY KEY,
  commit_id TEXT NOT NULL,
  date TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  workload TEXT NOT NULL,
  FOREIGN KEY (fingerprint, workload) REFERENCES configurations
) WITHOUT ROWID;
CREATE TABLE figures (
  results TEXT NOT NULL REFERENCES results,
  case_name TEXT NOT NULL,
  metric TEXT NOT NULL,
  value REAL NOT NULL,
  low REAL NOT NULL,
  high REAL NOT NULL,
  samples INTEGER NOT NULL,
  PRIMARY KEY (results, case_name, metric)
) WITHOUT ROWID;
CREATE VIEW history AS
  SELECT commit_id, date, fingerprint, workload, case_name, metric, value, low, high, samples
  FROM figures JOIN results ON digest = figures.results
  ORDER BY date, digest;
"""


class StoreError(Exception):
    """A file that is no history, or cannot be used as one; its text is one line that names it."""


@dataclass(frozen=True)
class Kept:
    """One results file in the history, and how many cases there are of it."""

    digest: str
    commit: str
    date: str
    configuration: Configuration
    cases: int


@dataclass(frozen=True)
class Point:
    """A case's figure for one metric in one of the results."""

    commit: str
    date: str
    value: float
    low: float
    high: float
    samples: int


class Store:
    """Owns the connection. SQLite's rollback journal, not a write-ahead log: after each addition
    all there is stands in the one file, which may be copied or uploaded as it is."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection

    @classmethod
    def open(cls, path: Path, *, create: bool) -> Store:
        """`create` makes a file where there is none. Throws StoreError."""
        if not create and not path.exists():
            raise StoreError(f"{path}: no history here: make one with tools/history add")
        with _named(path):
            connection = sqlite3.connect(path, timeout=_WAIT_S, isolation_level=None)
            store = cls(path, connection)
            try:
                store._prepare(create=create)
            except BaseException:
                connection.close()
                raise
        return store

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._connection.close()

    def add(self, results: Sequence[Measured]) -> list[str | None]:
        """All or none of them, on the disk when it returns; of those that are there already, the
        commit that they are kept under, which may be another. Throws StoreError."""
        with _named(self._path), self._transaction():
            return [self._add(each) for each in results]

    def kept(self) -> list[Kept]:
        """In the order in which they were measured."""
        with _named(self._path):
            rows = self._connection.execute(
                "SELECT digest, commit_id, date, fingerprint, workload, machine_and_build,"
                " workload_options, count(DISTINCT case_name)"
                " FROM results JOIN configurations USING (fingerprint, workload)"
                " JOIN figures ON figures.results = digest"
                " GROUP BY digest ORDER BY date, digest"
            ).fetchall()
        return [
            Kept(digest, commit, date, Configuration(*configuration), cases)
            for digest, commit, date, *configuration, cases in rows
        ]

    def series(
        self, configuration: Configuration, metrics: Sequence[str]
    ) -> dict[tuple[str, str], list[Point]]:
        """By case and metric the figures of one configuration, as they were measured one after
        another; cases in the order of their names, metrics in the order given."""
        with _named(self._path):
            rows = self._connection.execute(
                "SELECT case_name, metric, commit_id, date, value, low, high, samples"
                " FROM figures JOIN results ON digest = figures.results"
                " WHERE fingerprint = ? AND workload = ? ORDER BY date, digest",
                (configuration.fingerprint, configuration.workload),
            ).fetchall()
        found: dict[tuple[str, str], list[Point]] = {}
        for case, metric, *point in rows:
            if metric in metrics:
                found.setdefault((case, metric), []).append(Point(*point))
        order = sorted(found, key=lambda key: (key[0], metrics.index(key[1])))
        return {key: found[key] for key in order}

    def metrics(self) -> list[str]:
        with _named(self._path):
            rows = self._connection.execute("SELECT DISTINCT metric FROM figures ORDER BY metric")
            return [metric for (metric,) in rows]

    def _prepare(self, *, create: bool) -> None:
        run = self._connection.execute
        run("PRAGMA foreign_keys = ON")
        run("PRAGMA synchronous = EXTRA")  # the journal's removal is on the disk, too
        if create:
            with self._transaction():
                (tables,) = run("SELECT count(*) FROM sqlite_schema").fetchone()
                if tables == 0:
                    for statement in filter(str.strip, _SCHEMA.split(";")):
                        run(statement)
                    run(f"PRAGMA application_id = {_APPLICATION}")
                    run(f"PRAGMA user_version = {_SCHEMA_VERSION}")
        if run("PRAGMA application_id").fetchone() != (_APPLICATION,):
            raise StoreError(f"{self._path}: a database, but no history: name another file")
        (version,) = run("PRAGMA user_version").fetchone()
        if version != _SCHEMA_VERSION:
            raise StoreError(
                f"{self._path}: a history of version {version}, only {_SCHEMA_VERSION} is "
                "understood here: use the tools of the version that wrote it"
            )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def _add(self, results: Measured) -> str | None:
        run = self._connection.execute
        of = results.configuration
        run(
            "INSERT OR IGNORE INTO configurations VALUES (?, ?, ?, ?)",
            (of.fingerprint, of.workload, of.machine_and_build, of.workload_options),
        )
        added = run(
            "INSERT OR IGNORE INTO results VALUES (?, ?, ?, ?, ?)",
            (results.digest, results.commit, results.date, of.fingerprint, of.workload),
        ).rowcount
        if added == 0:
            (commit,) = run(
                "SELECT commit_id FROM results WHERE digest = ?", (results.digest,)
            ).fetchone()
            return str(commit)
        self._connection.executemany(
            "INSERT INTO figures VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                (results.digest, *key, found.value, found.low, found.high, found.samples)
                for key, found in results.figures.items()
            ),
        )
        return None


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """SQLite's errors do not say of which file they are."""
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(f"{path}: cannot be used as a history: {error}") from error
