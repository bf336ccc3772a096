"""What the command lines of the tools share."""

from __future__ import annotations

import argparse
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
