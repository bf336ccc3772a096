"""What a tool prints, and the files with the same in other forms that its options ask for."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path

from .whole_file import write_text

INTERRUPTED_BASE = 128
"""With a signal's number added, the exit status after it."""
USAGE = 2

Output = tuple[Path | None, Callable[[], str]]
"""A file, None where it is not asked for, and what makes its text."""


def require_folders(parser: argparse.ArgumentParser, *files: Path | None) -> None:
    """Now, and not after minutes of measuring."""
    for file in files:
        if file is not None and not file.absolute().parent.is_dir():
            parser.error(f"{file}: there is no folder to write it to")


def show(
    text: str,
    outputs: Iterable[Output],
    *,
    status: int,
    signal: int | None,
    say: Callable[[str], None],
) -> int:
    """What to exit with: `status`, unless it was interrupted or a file cannot be written."""
    print(text, end="", flush=True)
    if signal is not None:
        # A file would outlive the words that it is unfinished.
        return INTERRUPTED_BASE + signal
    for file, content in outputs:
        if file is None:
            continue
        try:
            write_text(file, content())
        except OSError as error:
            say(f"error: {file}: cannot be written: {error.strerror}")
            return USAGE
    return status
