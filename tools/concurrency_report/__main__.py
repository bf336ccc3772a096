"""The command line: `tools/study` and the check of a smoke run's JSON in `.ci/run`."""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

_ROOT = Path(__file__).resolve().parents[2]
_MOST_ROUNDS = 1000

# Options of Google Benchmark that this tool gives itself, and what to use instead.
_TAKEN = {
    "--benchmark_out": "--results",
    "--benchmark_out_format": "--results",
    "--benchmark_format": "--results",
    "--benchmark_list_tests": "build/bench",
    "--benchmark_repetitions": "--rounds",
    "--benchmark_report_aggregates_only": "--rounds",
    "--benchmark_display_aggregates_only": "--rounds",
    "--benchmark_filter": "it before the '--'",
}


class _Parser(argparse.ArgumentParser):
    """One line for an error; the usage is a --help away."""

    def error(self, message: str) -> NoReturn:
        print(
            f"{self.prog.split('/')[-1]}: error: {message} (see {self.prog} --help)",
            file=sys.stderr,
        )
        raise SystemExit(2)


def main(arguments: Sequence[str]) -> int:
    command, *rest = arguments or [""]
    if command == "study":
        return _study(rest)
    if command == "check":
        return _check(rest)
    print(
        "usage: python -m concurrency_report study|check ... (--help for either)", file=sys.stderr
    )
    return 2


def study_parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="tools/study",
        usage="tools/study [OPTION...] [BENCH OPTION...]",
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description=(
            "Runs the study's 18 cases on this machine and prints what each cost: user, kernel\n"
            "and wall time, CPU %, maximum resident set size. Installs and builds what is\n"
            "missing first. Each sample is a process of its own, orders are shuffled, figures\n"
            "are medians. Interrupted by Ctrl-C it keeps and shows what has run."
        ),
        epilog=(
            "All other options go to bench; 'build/bench --help' lists them once it is built.\n\n"
            "Exit status: 0, 1 if a case failed, 2 for wrong options, 130 after Ctrl-C.\n\n"
            "Example:\n"
            "  tools/study                                  the study, about a minute\n"
            "  tools/study --rounds 5 --latency-scale 2     slower hosts, better medians\n"
            "  tools/study --benchmark_filter=io_           only the cases of one workload"
        ),
    )
    parser.add_argument(
        "--rounds",
        type=_rounds,
        default=3,
        metavar="N",
        help="times that each case runs (default: %(default)s)",
    )
    parser.add_argument(
        "--seed",
        type=_seed,
        metavar="N",
        help="of the orders, to repeat those of an earlier run (default: a new one each time)",
    )
    parser.add_argument(
        "--results",
        type=Path,
        default=_ROOT / "results",
        metavar="FOLDER",
        help="where to keep results, in a folder of their own named by host and time "
        "(default: results/ in the project)",
    )
    parser.add_argument(
        "--bench",
        type=Path,
        metavar="PROGRAM",
        help="a bench that is built already (default: build/bench, built first)",
    )
    parser.add_argument(
        "--benchmark_filter",
        metavar="REGEX",
        dest="filter",
        help="only the cases whose name matches",
    )
    return parser


def _study(arguments: Sequence[str]) -> int:
    parser = study_parser()
    own = list(arguments)
    passed_on: list[str] = []
    if "--" in own:
        end = own.index("--")
        own, passed_on = own[:end], own[end + 1 :]
    options, unknown = parser.parse_known_args(own)
    bench_options = [*unknown, *passed_on]
    for option in bench_options:
        name = option.partition("=")[0]
        if name in _TAKEN:
            parser.error(f"{name} is given by tools/study itself: use {_TAKEN[name]}")

    # Late, so that --help and usage errors need nothing but Python itself.
    from .study import StudyOptions, run_study

    try:
        return run_study(
            StudyOptions(
                bench=(options.bench or _ROOT / "build" / "bench").absolute(),
                build=None if options.bench else [_ROOT / "tools" / "build", "bench", "origin"],
                rounds=options.rounds,
                seed=random.randrange(2**32) if options.seed is None else options.seed,
                results=options.results,
                filter=options.filter,
                bench_options=bench_options,
            )
        )
    except OSError as error:
        print(f"study: error: {error.filename}: {error.strerror}", file=sys.stderr)
        return 1


def _check(arguments: Sequence[str]) -> int:
    parser = _Parser(
        prog="python -m concurrency_report check",
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Reads a results file strictly and says what is in it; 1 if anything is wrong.",
        epilog="Example:\n  .venv/bin/python -m concurrency_report check results.json --cases 36",
    )
    parser.add_argument("file", type=Path, help="JSON written by bench or tools/study")
    parser.add_argument(
        "--cases", type=int, metavar="N", help="how many different cases must be in it"
    )
    options = parser.parse_args(arguments)

    from .check import check

    return check(options.file, options.cases)


def _rounds(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _MOST_ROUNDS:
        raise argparse.ArgumentTypeError(f"'{text}' is no number from 1 to {_MOST_ROUNDS}")
    return int(text)


def _seed(text: str) -> int:
    if not text.isdecimal() or int(text) >= 2**64:
        raise argparse.ArgumentTypeError(f"'{text}' is no whole number from 0 to 2^64 - 1")
    return int(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
