"""Where a tool keeps what it measured: a folder of its own, named by host and time."""

from __future__ import annotations

import errno
import os
import platform
import re
from datetime import datetime
from pathlib import Path


class FolderError(Exception):
    """There is no place to keep results; its text is one line."""


def require_folder(folder: Path) -> None:
    """Now, and not after a minute of measuring."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))
    except OSError as error:
        reason = f"{folder}: no folder to keep results in: {error.strerror}"
        raise FolderError(f"{reason}: choose another with --results") from error


def new_folder(parent: Path, now: datetime, prefix: str = "") -> Path:
    host = re.sub(r"[^A-Za-z0-9.-]+", "-", platform.node()).strip("-.") or "host"
    name = f"{prefix}{host}-{now:%Y%m%dT%H%M%SZ}"
    for again in range(1, 1000):
        folder = parent / (name if again == 1 else f"{name}-{again}")
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        except OSError as error:
            raise FolderError(f"{folder}: cannot be made: {error.strerror}") from error
        return folder
    raise FolderError(f"{parent / name}: taken a thousand times over")
