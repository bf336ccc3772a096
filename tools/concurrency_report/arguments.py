"""What the command lines of the tools share."""

from __future__ import annotations

import argparse
import math
import sys
from typing import NoReturn


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
