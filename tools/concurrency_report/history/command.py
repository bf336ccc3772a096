"""The command line of `tools/history`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ..arguments import ROOT, Parser, seed, whole

_DATABASE = ROOT / "results" / "history.sqlite"
_MOST_RUNS = 1_000_000
_RUNS = 1000
_METRICS = ("wall_s", "cpu_s", "max_rss_kb")


def history_parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="tools/history",
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description=(
            "Keeps results over time in one SQLite file, and tells which cases changed at which\n"
            "commit. What was measured on different machines, builds or workloads is kept apart."
        ),
        epilog=(
            "Exit status: 0; 2 for wrong options, results or history, which then stay unchanged;\n"
            "1 where a page cannot be written.\n\n"
            "Example:\n"
            "  tools/history add results/vm-20260101T120000Z/results.json\n"
            "  build/bench --study --benchmark_format=json | tools/history add -\n"
            "  tools/history report --html history.html"
        ),
    )
    shared = Parser(add_help=False)
    shared.add_argument(
        "--database",
        type=Path,
        default=_DATABASE,
        metavar="FILE",
        help="the history (default: results/history.sqlite in the project)",
    )
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="add|report|list|simulate", parser_class=Parser
    )
    add = commands.add_parser(
        "add",
        parents=[shared],
        allow_abbrev=False,
        help="keep results",
        description="Keeps results, all of them or none; those that are there already stay as they "
        "are. Of several samples of a case the median is kept, with its interval.",
    )
    add.add_argument(
        "results",
        nargs="+",
        metavar="RESULTS.json",
        help="written by bench or tools/study; '-' is standard input",
    )
    add.add_argument(
        "--commit", metavar="COMMIT", help="what was measured (default: what the results say)"
    )
    report = commands.add_parser(
        "report",
        parents=[shared],
        allow_abbrev=False,
        help="tell what changed",
        description="Prints which cases changed at which commit and by how much.",
    )
    report.add_argument(
        "--html", type=Path, metavar="FILE", help="also write a page with the trend of each case"
    )
    report.add_argument(
        "--metrics",
        type=lambda text: text.split(","),
        metavar="NAME,...",
        help=f"counters to look at (default: {','.join(_METRICS)})",
    )
    commands.add_parser(
        "list",
        parents=[shared],
        allow_abbrev=False,
        help="list the results that are kept",
        description="Lists the results that are kept, oldest first.",
    )
    simulation = commands.add_parser(
        "simulate",
        allow_abbrev=False,
        help="tell how often changes are told rightly",
        description="Looks for changes in made-up trends, and prints how often one was found that "
        "is none, and how often a step was found where it is. Takes minutes.",
    )
    simulation.add_argument(
        "runs",
        nargs="?",
        type=lambda text: whole(text, 1, _MOST_RUNS),
        default=_RUNS,
        metavar="RUNS",
        help=f"how many trends of each kind (default: {_RUNS})",
    )
    simulation.add_argument(
        "--seed", type=seed, default=1, metavar="N", help="of the noise (default: 1)"
    )
    return parser


def history(arguments: Sequence[str]) -> int:
    options = history_parser().parse_args(arguments)

    # Late, so that --help and usage errors need nothing but Python itself.
    from ..results import ResultsError
    from .store import StoreError

    run = {"add": _add, "report": _report, "list": _list, "simulate": _simulate}[options.command]
    try:
        return run(options)
    except (ResultsError, StoreError) as error:
        _say(f"error: {error}")
        return 2
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _say(f"error: {where}{error.strerror or error}")
        return 1


def _add(options: argparse.Namespace) -> int:
    from ..results import read, read_stream
    from .measured import measured
    from .store import Store

    sources = [("standard input" if name == "-" else name) for name in options.results]
    results = [
        measured(
            read_stream(sys.stdin.buffer, source) if name == "-" else read(Path(name)),
            source,
            options.commit,
        )
        for name, source in zip(options.results, sources, strict=True)
    ]
    options.database.parent.mkdir(parents=True, exist_ok=True)
    with Store.open(options.database, create=True) as store:
        there = store.add(results)
    for source, each, kept_commit in zip(sources, results, there, strict=True):
        for failure in each.failures:
            _say(f"{source}: {failure}")
        cases = len({case for case, _ in each.figures})
        what = f"added {cases} cases" if kept_commit is None else "was there already"
        commit = kept_commit or each.commit
        _say(f"{source}: {what}, commit {commit}, fingerprint {each.configuration.fingerprint}")
    return 0


def _report(options: argparse.Namespace) -> int:
    from .store import Store, StoreError
    from .summary import as_text
    from .trends import trends_of

    with Store.open(options.database, create=False) as store:
        there = store.metrics()
        for metric in options.metrics or ():
            if metric not in there:
                raise StoreError(
                    f"{options.database}: has no metric '{metric}', only {', '.join(there)}"
                )
        trends = trends_of(store, options.metrics or _METRICS)
    print(as_text(trends))
    if options.html is not None:
        from ..whole_file import write_text
        from .page import as_html

        write_text(options.html, as_html(trends))
        _say(f"wrote {options.html}")
    return 0


def _list(options: argparse.Namespace) -> int:
    from .store import Store
    from .summary import list_as_text

    with Store.open(options.database, create=False) as store:
        print(list_as_text(store.kept()))
    return 0


def _simulate(options: argparse.Namespace) -> int:
    from .simulate import simulate

    for line in simulate(options.runs, options.seed):
        print(line, flush=True)
    return 0


def _say(text: str) -> None:
    from ..plain_text import one_line

    print(one_line(f"history: {text}"), file=sys.stderr, flush=True)
