"""A comparison from its options to its result: programs, origins, contests, rounds."""

from __future__ import annotations

import importlib.metadata
import platform
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ..bench import UNCALIBRATED, Bench
from ..children import Children
from ..machine import describe
from ..origin import Origin
from ..planner import cores_as_counted
from ..progress import Display
from ..results import Json
from .bench_side import BenchSides
from .comparison import Comparison, rows_of
from .contest import Contest
from .groups import GROUPS
from .programs import Programs, is_there
from .rounds import take
from .setting import SINGLE_HOST, Missing, Setting, single_address

_VERSIONS = (
    (("openssl", "version"), re.compile(r"OpenSSL (\S+)")),
    (("wrk", "-v"), re.compile(r"wrk (\S+)")),
)


class MissingError(Exception):
    """What was asked for by name cannot be compared with here; its text is one line."""


@dataclass(frozen=True)
class PeersOptions:
    """`bench_peers` is None where it is not built. `groups` are those to run, by name, None for all
    that can be. `study_options` are --fibonacci and --latency-scale for the study's cases on both
    sides."""

    bench: Path
    bench_peers: Path | None
    repetitions: int
    groups: Sequence[str] | None = None
    study_options: tuple[str, ...] = ()


def compare(
    options: PeersOptions,
    children: Children,
    display: Display,
    say: Callable[[str], None],
) -> tuple[Comparison, dict[str, Json]]:
    """What is known at the end, or when interrupted, and bench's context. Throws BenchError,
    MissingError, OriginError, OSError."""
    with _setting(options, children) as setting:
        contests: list[Contest] = []
        missing: list[Missing] = []
        for name in options.groups or GROUPS:
            for each in GROUPS[name](setting):
                if isinstance(each, Contest):
                    contests.append(each)
                elif options.groups is not None:
                    raise MissingError(f"--only {name}: {each.text}: {each.advice}")
                else:
                    say(f"left out of {name}: {each.text}")
                    missing.append(each)
        versions = _versions(setting.programs)
        outcomes = take(contests, options.repetitions, display, lambda: _interrupted(children))
        context = setting.ours.context or (setting.peers.context if setting.peers else {})
        comparison = Comparison(
            machine=describe(context),
            repetitions=options.repetitions,
            rows=[row for outcome in outcomes for row in rows_of(outcome)],
            failures=[(each.contest, each.error) for each in outcomes if each.error is not None],
            missing=missing,
            versions=versions,
        )
        return comparison, context


@contextmanager
def _setting(options: PeersOptions, children: Children) -> Iterator[Setting]:
    ours = Bench(options.bench, children, defaults=(UNCALIBRATED,))
    peers = options.bench_peers
    origin = options.bench.with_name("origin")
    single = ["--address", single_address(), "--host-name", SINGLE_HOST]
    with (
        Origin(origin, None, lambda: _interrupted(children)) as all_hosts,
        Origin(origin, None, lambda: _interrupted(children), single) as single_host,
        tempfile.TemporaryDirectory(prefix="peers-") as folder,
    ):
        urls = Path(folder) / "urls"
        setting = Setting(
            ours=BenchSides(ours),
            peers=BenchSides(replace(ours, program=peers)) if peers else None,
            programs=Programs(children),
            origin=all_hosts,
            single=single_host,
            urls=urls,
            cores=cores_as_counted(ours) or 1,
            study_options=options.study_options,
        )
        urls.write_text(setting.single_url + "\n")
        yield setting


def _interrupted(children: Children) -> bool:
    return children.interrupted_by is not None


def _versions(programs: Programs) -> dict[str, str]:
    """Of what is here; libcurl and the like are told by bench_peers."""
    found = {"Python": platform.python_version()}
    for name in ("httpx", "requests"):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    for command, pattern in _VERSIONS:
        if is_there(command[0]):
            said = programs.run(command, statuses=(0, 1)).output
            if version := pattern.match(said):
                found[command[0]] = version[1]
    return found
