"""The command line of `tools/regress`."""

from __future__ import annotations

import argparse
import random
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..arguments import ROOT, Parser, above_zero, parse_with_bench_options, seed, whole
from ..bench import BenchError
from ..children import Children
from ..outputs import INTERRUPTED_BASE, USAGE, require_folders, show
from ..plain_text import one_line
from ..results import as_json

if TYPE_CHECKING:
    from .comparison import Comparison
    from .run import RegressOptions

_MOST_MINUTES = 24 * 60
_MOST_RUNS = 1_000_000
_RUNS = 10_000

# Options of bench that this tool gives itself, and what to use instead.
_TAKEN = {
    "--benchmark_filter": "--cases",
    "--trace": "build/bench",
    "--pass-per-line": "build/bench",
    "--benchmark_out": "--json",
    "--benchmark_out_format": "--json",
    "--benchmark_format": "--json",
    "--benchmark_list_tests": "build/bench",
    "--benchmark_repetitions": "--minutes",
}


def regress_parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="tools/regress",
        usage="tools/regress [OPTION...] BASE [HEAD] [BENCH OPTION...]\n"
        "       tools/regress --simulate [RUNS]",
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description=(
            "Tells whether HEAD made any of the study's cases slower, or larger in memory, than\n"
            "BASE. Each is a commit, which is built first and kept, or a folder that was built\n"
            "already. Runs both in pairs, as often as it takes to decide or the time allows."
        ),
        epilog=(
            "All other options go to bench, for a larger workload for instance; those with a\n"
            "value are written with '=', or stand behind '--'.\n\n"
            "Exit status: 0 nothing regressed, 1 something did, 2 for what cannot be done as\n"
            "asked, 3 can't tell, 128 + n after signal n, with what is known so far.\n\n"
            "Example:\n"
            "  tools/regress main                       this commit against main\n"
            "  tools/regress v1.0 v1.1 --minutes 30     two commits, taking half an hour\n"
            "  tools/regress /tmp/before build          two folders with a bench each\n"
            "  tools/regress main --cases '^io_' --markdown summary.md\n"
            "  tools/regress main --fetches=100         a workload that waits more"
        ),
    )
    parser.add_argument("base", nargs="?", metavar="BASE", help="what to compare with")
    parser.add_argument(
        "head", nargs="?", default="HEAD", metavar="HEAD", help="what to judge (default: HEAD)"
    )
    parser.add_argument(
        "--minutes",
        type=lambda text: above_zero(text, _MOST_MINUTES),
        default=10.0,
        metavar="N",
        help="how long to run pairs at most (default: 10); what is decided earlier ends earlier. "
        "Builds come on top, and measuring noise, once for a machine, build and workload: about a "
        "minute for the study's cases, N or 10 minutes at most, whichever is more",
    )
    parser.add_argument(
        "--cases", metavar="REGEX", help="only the cases whose name matches, as bench takes it"
    )
    parser.add_argument(
        "--strict",
        action="store_true",
        help="exit with 3 if a single row can't be told (default: if more than a tenth can't)",
    )
    parser.add_argument(
        "--keep-disturbed",
        action="store_true",
        help="count pairs that other work disturbed too, where all of them are: there is more "
        "noise then",
    )
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="also write Markdown")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write JSON")
    parser.add_argument("--html", type=Path, metavar="FILE", help="also write a page with pictures")
    parser.add_argument(
        "--seed",
        type=seed,
        metavar="N",
        help="of the orders, to repeat those of an earlier run, as long as the same pairs are "
        "wanted (default: a new one each time)",
    )
    parser.add_argument(
        "--cache",
        type=Path,
        default=ROOT / "results" / "regress",
        metavar="FOLDER",
        help="where builds and noise floors are kept (default: results/regress/ in the project)",
    )
    parser.add_argument(
        "--simulate",
        nargs="?",
        type=lambda text: whole(text, 1, _MOST_RUNS),
        const=_RUNS,
        metavar="RUNS",
        help=f"run the procedure with made-up pairs instead (default: {_RUNS} times each)",
    )
    return parser


def regress(arguments: Sequence[str]) -> int:
    try:
        return _regress(arguments)
    except Exception as bug:
        # Python would end with 1, which is for what regressed.
        traceback.print_exc()
        say(f"error: {type(bug).__name__}: {bug}")
        return USAGE


def _regress(arguments: Sequence[str]) -> int:
    parser = regress_parser()
    options, bench_options = parse_with_bench_options(
        parser, arguments, _TAKEN, stray="is one too many: BASE and HEAD are all"
    )
    chosen_seed = random.randrange(2**32) if options.seed is None else options.seed
    if options.simulate is not None:
        return _simulate(options.simulate, chosen_seed)
    if options.base is None:
        parser.error("BASE is missing: a commit, or a folder with a bench")
    require_folders(parser, options.markdown, options.json, options.html)

    # Late, so that --help and usage errors need nothing but Python itself.
    from .run import RegressOptions

    return _run(
        RegressOptions(
            base=options.base,
            head=options.head,
            repository=ROOT,
            cache=options.cache.absolute(),
            minutes=options.minutes,
            seed=chosen_seed,
            cases=options.cases,
            strict=options.strict,
            keep_disturbed=options.keep_disturbed,
            bench_options=bench_options,
        ),
        options,
    )


def _run(options: RegressOptions, outputs: argparse.Namespace) -> int:
    from .builds import BuildError
    from .run import NothingToCompareError, Regress

    with Children() as children:
        job = Regress(options, children, say)
        error: str | None = None
        try:
            job.run()
        except (BenchError, BuildError, NothingToCompareError) as found:
            error = str(found)
        except OSError as found:
            where = f"{found.filename}: " if found.filename else ""
            error = f"{where}{found.strerror or found}"
        signal = children.interrupted_by
        if signal is not None:
            say(f"interrupted by {signal.name}; what is known until then:")
        elif error is not None:
            say(f"error: {error}")
            return USAGE
        if job.comparison is None:
            say("nothing is known yet")
            return INTERRUPTED_BASE + (signal or 0)
        return _show(job.comparison, outputs, signal)


def _show(found: Comparison, outputs: argparse.Namespace, signal: int | None) -> int:
    from . import report

    files = (
        (outputs.markdown, lambda: report.as_markdown(found)),
        (outputs.json, lambda: as_json(found.to_json())),
        (outputs.html, lambda: report.as_html(found)),
    )
    return show(report.as_text(found), files, status=found.status, signal=signal, say=say)


def _simulate(runs: int, chosen_seed: int) -> int:
    from .simulate import as_text, scenarios

    for line in as_text(scenarios(), runs, chosen_seed):
        print(line, flush=True)
    return 0


def say(text: str) -> None:
    print(f"regress: {one_line(text)}", file=sys.stderr, flush=True)
