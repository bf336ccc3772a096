"""What the command lines of the tools share."""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parents[2]
BUILD: tuple[str | Path, ...] = (ROOT / "tools" / "build", "bench", "origin")
"""What makes the bench that runs unless another is named."""


class Parser(argparse.ArgumentParser):
    """One line for an error; the usage is a --help away."""

    def error(self, message: str) -> NoReturn:
        print(
            f"{self.prog.split('/')[-1]}: error: {message} (see {self.prog} --help)",
            file=sys.stderr,
        )
        raise SystemExit(2)


def whole(text: str, low: int, high: int) -> int:
    if not text.isdecimal() or not low <= int(text) <= high:
        raise argparse.ArgumentTypeError(f"'{text}' is no number from {low} to {high}")
    return int(text)


def above_zero(text: str, most: float) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number <= most:
        raise argparse.ArgumentTypeError(f"'{text}' is no number above 0, at most {most:g}")
    return number


def seed(text: str) -> int:
    if not text.isdecimal() or int(text) >= 2**64:
        raise argparse.ArgumentTypeError(f"'{text}' is no whole number from 0 to 2^64 - 1")
    return int(text)


def add_bench(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--bench",
        type=Path,
        metavar="PROGRAM",
        help="a bench that is built already (default: build/bench, built first)",
    )


def bench_of(options: argparse.Namespace) -> Path:
    """The one named by --bench, or else what BUILD makes."""
    named: Path | None = options.bench
    return (named or ROOT / "build" / "bench").absolute()
