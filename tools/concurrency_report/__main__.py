"""The command lines: `tools/study` and its reports here, other tools in modules of their own."""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from .arguments import (
    BUILD,
    ROOT,
    Parser,
    add_bench,
    bench_of,
    parse_with_bench_options,
    seed,
    whole,
)
from .soak_command import soak

_MOST_ROUNDS = 1000
_LATEST = object()  # which study to resume if none is named
_MOST_WORKERS = 10_000
_MOST_CORES = 4096

# Options of bench that this tool gives itself, and what to use instead.
_TAKEN = {
    "--study": "--cases",
    "--trace": "build/bench",
    "--benchmark_out": "--results",
    "--benchmark_out_format": "--results",
    "--benchmark_format": "--results",
    "--benchmark_list_tests": "build/bench",
    "--benchmark_repetitions": "--rounds",
    "--benchmark_report_aggregates_only": "--rounds",
    "--benchmark_display_aggregates_only": "--rounds",
}


def main(arguments: Sequence[str]) -> int:
    command, *rest = arguments or [""]
    if command == "study":
        return _report(rest[1:]) if rest[:1] == ["report"] else _study(rest)
    if command == "check":
        return _check(rest)
    if command == "soak":
        return soak(rest)
    if command == "compare":
        from .compare.command import compare

        return compare(rest)
    if command == "regress":
        from .regress.command import regress

        return regress(rest)
    if command == "regress-campaign":
        from .campaign.command import campaign

        return campaign(rest)
    if command == "peers":
        from .peers.command import peers

        return peers(rest)
    if command == "history":
        from .history.command import history

        return history(rest)
    print(
        "usage: python -m concurrency_report "
        "study|check|soak|compare|peers|regress|regress-campaign|history ... (--help for each)",
        file=sys.stderr,
    )
    return 2


def study_parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="tools/study",
        usage="tools/study [OPTION...] [BENCH OPTION...]\n"
        "       tools/study --resume [FOLDER]\n"
        "       tools/study report FOLDER...",
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description=(
            "Answers for this machine which concurrency model to choose for which task, with how\n"
            "many workers, and why. Runs the study's 18 cases, each sample a process of its own,\n"
            "in shuffled rounds, then what the study's claims need besides, and writes a report:\n"
            "report.html, report.md, and the results as JSON. Installs and builds what is missing\n"
            "first. Interrupted by Ctrl-C it keeps what has run; --resume goes on."
        ),
        epilog=(
            "All other options go to bench; 'build/bench --help' lists them once it is built.\n\n"
            "Exit status: 0, 1 if a case failed, 2 for wrong options, 130 after Ctrl-C.\n\n"
            "Example:\n"
            "  tools/study                            the study, about five minutes\n"
            "  tools/study --rounds 3 --cases 'io_'   a quick look at one workload\n"
            "  tools/study --cores 1,2                as if this were two machines\n"
            "  tools/study --latency-scale 2          slower hosts\n"
            "  tools/study --resume                   go on with the latest that did not end\n"
            "  tools/study report results/a results/b one report of two computers' results"
        ),
    )
    parser.add_argument(
        "--rounds",
        type=_rounds,
        metavar="N",
        help="times that each case runs, besides one for warming up (default: 7)",
    )
    parser.add_argument(
        "--cases",
        "--benchmark_filter",
        metavar="REGEX",
        help="only the cases whose name matches, as bench's --benchmark_filter takes it",
    )
    parser.add_argument(
        "--workers",
        type=_workers,
        metavar="LIST",
        help="numbers of workers to try in the sweeps (default: 1, 2, the cores and multiples)",
    )
    parser.add_argument(
        "--cores",
        type=_cores,
        metavar="LIST",
        help="repeat the study on so many cores of this machine, for instance 1,2",
    )
    parser.add_argument(
        "--seed",
        type=seed,
        metavar="N",
        help="of the orders, to repeat those of an earlier run (default: a new one each time)",
    )
    parser.add_argument(
        "--results",
        type=Path,
        default=ROOT / "results",
        metavar="FOLDER",
        help="where to keep results, in a folder of their own named by host and time "
        "(default: results/ in the project)",
    )
    parser.add_argument(
        "--resume",
        nargs="?",
        type=Path,
        const=_LATEST,
        metavar="FOLDER",
        help="go on with the study in this folder, with its options (default: the latest in "
        "--results that did not end)",
    )
    parser.add_argument(
        "--no-report",
        action="store_true",
        help="write the results and the table only; tools/study report FOLDER draws the rest later",
    )
    add_bench(parser)
    return parser


def _study(arguments: Sequence[str]) -> int:
    parser = study_parser()
    options, bench_options = parse_with_bench_options(
        parser, arguments, _TAKEN, stray="is no option"
    )
    if options.resume is not None:
        given = ("rounds", "cases", "workers", "cores", "seed", "bench")
        if bench_options or any(getattr(options, name) is not None for name in given):
            parser.error(
                "--resume goes on with the options that the study began with: none besides"
            )
        folder = None if options.resume is _LATEST else options.resume
        return _resume(parser, folder, options.results, report=not options.no_report)

    # Late, so that --help and usage errors need nothing but Python itself.
    from .study import run_study
    from .study_options import StudyOptions

    return run_study(
        StudyOptions(
            bench=bench_of(options),
            rounds=options.rounds or 7,
            seed=random.randrange(2**32) if options.seed is None else options.seed,
            cases=options.cases,
            workers=options.workers,
            cores=options.cores,
            bench_options=bench_options,
        ),
        options.results,
        None if options.bench else BUILD,
        report=not options.no_report,
    )


def _resume(
    parser: argparse.ArgumentParser, folder: Path | None, results: Path, *, report: bool
) -> int:
    from .study import latest_unfinished, resume_study

    if folder is None:
        folder = latest_unfinished(results)
    if folder is None:
        parser.error(f"--resume: no study in {results} is unfinished")
    return resume_study(folder, BUILD, report=report)


def report_parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="tools/study report",
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Writes the report of studies that have run: report.html, report.md, charts/.",
        epilog=(
            "Example:\n"
            "  tools/study report results/vm-20260101T120000Z\n"
            "  tools/study report --out both results/laptop-2026* results/server-2026*"
        ),
    )
    parser.add_argument(
        "folders",
        nargs="+",
        type=Path,
        metavar="FOLDER",
        help="a study's results; of several, from this or other computers, one report is made",
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FOLDER",
        help="where to write it (default: the study's own folder; for several a new one beside the "
        "first)",
    )
    return parser


def _report(arguments: Sequence[str]) -> int:
    parser = report_parser()
    options = parser.parse_args(arguments)
    from .machine_results import load
    from .plain_text import one_line
    from .report import write_report
    from .results import ResultsError

    first: Path = options.folders[0]
    out: Path = options.out or first
    if options.out is None and len(options.folders) > 1:
        out = first.parent / f"report-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    try:
        machines = [machine for folder in options.folders for machine in load(folder)]
        out.mkdir(parents=True, exist_ok=True)
        write_report(machines, out)
    except ResultsError as error:
        print(f"study report: error: {one_line(str(error))}", file=sys.stderr)
        return 1
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        text = one_line(f"{where}{error.strerror or error}")
        print(f"study report: error: {text}", file=sys.stderr)
        return 1
    print(out / "report.html")
    return 0


def _check(arguments: Sequence[str]) -> int:
    parser = Parser(
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
    return whole(text, 1, _MOST_ROUNDS)


def _numbers(text: str, high: int) -> list[int]:
    return sorted({whole(part, 1, high) for part in text.split(",")})


def _workers(text: str) -> list[int]:
    return _numbers(text, _MOST_WORKERS)


def _cores(text: str) -> list[int]:
    return _numbers(text, _MOST_CORES)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
