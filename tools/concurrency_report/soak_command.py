"""The command line of `tools/soak`."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path

from .arguments import (
    BUILD,
    ROOT,
    Parser,
    above_zero,
    add_bench,
    bench_of,
    parse_with_bench_options,
    whole,
)
from .soak_faults import FAULTS, MIXES

_MOST_MINUTES = 7 * 24 * 60
_MOST_PASSES = 1_000_000
_MOST_SECONDS = 24 * 60 * 60
_MOST_FAULTS = 10

# Options of bench that the soak gives itself or cannot do with.
_TAKEN = {
    "--pass-per-line": "nothing, it is given",
    "--fault": "--faults",
    "--fault-in": "nothing, all workloads meet with faults",
    "--origin": "bench's own origin, which is watched too",
    "--urls": "bench's own origin, which is watched too",
    "--trace": "build/bench",
    "--benchmark_out": "--results",
    "--benchmark_out_format": "--results",
    "--benchmark_format": "--results",
    "--benchmark_list_tests": "build/bench",
    "--benchmark_repetitions": "--minutes",
}


def soak_parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="tools/soak",
        usage="tools/soak [OPTION...] [BENCH OPTION...]",
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description=(
            "Runs all cases of all models and workloads over and over in one process of bench,\n"
            "every second time against hosts that misbehave, and watches what bench and its\n"
            "origin hold: descriptors, threads, child processes, memory. After warming up none of\n"
            "it may grow, and no case may fail but those that had to. Writes samples (soak.csv),\n"
            "a picture (soak.svg) and a summary (soak.md). Linux only."
        ),
        epilog=(
            "All other options go to bench, for instance --models or --deadline.\n\n"
            "Exit status: 0 if all is flat; 1 if something grows, a case hung or failed that\n"
            "should not have, or there was too little to judge by; 2 for wrong options; 130 after\n"
            "Ctrl-C, which keeps and draws what there is.\n\n"
            "Example:\n"
            "  tools/soak                              ten minutes of everything\n"
            "  tools/soak --minutes 1 --models async   a minute of one model\n"
            "  tools/soak --faults reset_in_body,refuse --minutes 2"
        ),
    )
    length = parser.add_mutually_exclusive_group()
    length.add_argument(
        "--minutes",
        type=_minutes,
        default=10.0,
        metavar="N",
        help="how long; the pass that is under way then is the last (default: 10)",
    )
    length.add_argument(
        "--passes",
        type=_passes,
        metavar="N",
        help="how many times to run all cases, however long that takes",
    )
    parser.add_argument(
        "--results",
        type=Path,
        default=ROOT / "results",
        metavar="FOLDER",
        help="where to keep what was seen, in a folder of its own named by host and time "
        "(default: results/ in the project)",
    )
    parser.add_argument(
        "--faults",
        type=_faults,
        metavar="NAME,...",
        help="what the first hosts do in every second pass, one each (default: all there are, some "
        "at a time)",
    )
    parser.add_argument(
        "--watchdog",
        type=_seconds,
        default=120.0,
        metavar="SECONDS",
        help="how long a case may say nothing before it counts as hung (default: 120)",
    )
    add_bench(parser)
    return parser


def soak(arguments: Sequence[str]) -> int:
    parser = soak_parser()
    options, bench_options = parse_with_bench_options(
        parser, arguments, _TAKEN, stray="is no option"
    )

    # Late, so that --help and usage errors need nothing but Python itself.
    from .soak import SoakOptions, run_soak

    return run_soak(
        SoakOptions(
            bench=bench_of(options),
            seconds=60 * options.minutes if options.passes is None else math.inf,
            passes=options.passes,
            watchdog_s=options.watchdog,
            mixes=MIXES if options.faults is None else [options.faults],
            bench_options=bench_options,
        ),
        options.results,
        None if options.bench else BUILD,
    )


def _passes(text: str) -> int:
    return whole(text, 1, _MOST_PASSES)


def _minutes(text: str) -> float:
    return above_zero(text, _MOST_MINUTES)


def _seconds(text: str) -> float:
    return above_zero(text, _MOST_SECONDS)


def _faults(text: str) -> list[str]:
    names = text.split(",")
    for name in names:
        if name not in FAULTS:
            raise argparse.ArgumentTypeError(
                f"there is no fault '{name}'; build/origin --help lists them"
            )
    if len(names) > _MOST_FAULTS:
        raise argparse.ArgumentTypeError(f"{_MOST_FAULTS} at most, for there are no more hosts")
    return names
