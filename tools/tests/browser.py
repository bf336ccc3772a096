"""The browser that pages are tested in: Chromium or its kin, as tools/setup looks for it."""

from __future__ import annotations

import shutil
from pathlib import Path

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ON_MACOS = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


def find_browser() -> str:
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None and _ON_MACOS.exists():
        found = str(_ON_MACOS)
    assert found is not None, "no Chromium or Google Chrome: run tools/setup"
    return found
