"""Runs one case and prints what it cost as a line of JSON."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace

from .cases import CASES, load, parts
from .jobs import Sizes, workload
from .measure import measure
from .work import JobError


def main(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    low, high, repeat = options.fibonacci
    sizes = Sizes(low, high, repeat, options.latency_scale)
    name, model = parts(options.case)
    load(options.case)

    def run(sizes: Sizes) -> None:
        model(
            workload(name, sizes, options.address, options.port, options.ca),
            options.cores,
        )

    try:
        if not options.cold:
            # Unmeasured: what libraries load and keep at their first use is not what models cost.
            run(replace(sizes, low=1, high=1, latency_scale=0))
        figures = measure(lambda: run(sizes))
    except (JobError, BrokenProcessPool, OSError) as error:
        print(f"python {options.case}: {' '.join(str(error).split())}", file=sys.stderr)
        return 1
    print(json.dumps(figures))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m concurrency_report.peers.python_cases",
        allow_abbrev=False,
        description="Runs one of the study's 18 cases in Python against an origin over https, and "
        "prints wall_s, user_s, sys_s and max_rss_kb of the run as a line of JSON.",
    )
    parser.add_argument("case", choices=CASES, metavar="CASE", help="such as io_async")
    parser.add_argument(
        "--address", default="127.0.0.1", help="of the origin (default: %(default)s)"
    )
    parser.add_argument("--port", type=int, required=True, help="of the origin's https")
    parser.add_argument("--ca", required=True, metavar="FILE", help="the origin's authority, PEM")
    parser.add_argument(
        "--cores", type=int, required=True, metavar="N", help="pools are for so many"
    )
    parser.add_argument(
        "--fibonacci",
        type=_range,
        required=True,
        metavar="LOW:HIGH:REPEAT",
        help="as bench takes it",
    )
    parser.add_argument(
        "--latency-scale",
        type=float,
        default=1,
        metavar="X",
        help="as bench takes it (%(default)s)",
    )
    parser.add_argument("--cold", action="store_true", help="without an unmeasured run first")
    return parser


def _range(text: str) -> tuple[int, int, int]:
    low, high, repeat = map(int, text.split(":"))
    return low, high, repeat


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
