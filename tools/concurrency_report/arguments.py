"""What the command lines of the tools share."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Mapping, Sequence
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


def parse_with_bench_options(
    parser: argparse.ArgumentParser,
    arguments: Sequence[str],
    taken: Mapping[str, str],
    *,
    stray: str,
) -> tuple[argparse.Namespace, list[str]]:
    """The parser's own options, and what goes to bench: all that it does not know, and whatever
    follows a '--'.

    `taken` are options of bench that are not the user's to give, with what to use instead; `stray`
    is said of an argument that belongs to neither.
    """
    own = list(arguments)
    passed_on: list[str] = []
    if "--" in own:
        end = own.index("--")
        own, passed_on = own[:end], own[end + 1 :]
    options, unknown = parser.parse_known_args(own)
    for option in (*unknown, *passed_on):
        name = option.partition("=")[0]
        if name in taken:
            parser.error(f"{name} is not for {parser.prog}: use {taken[name]}")
    # One that follows an option may be its value.
    if unknown and not unknown[0].startswith("-"):
        parser.error(f"'{unknown[0]}' {stray}")
    return options, [*unknown, *passed_on]


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
