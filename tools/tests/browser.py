"""The browser that pages are tested in, Chromium or its kin, as tools/setup looks for it, and what
happens when it visits one."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ON_MACOS = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


def find_browser() -> str:
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None and _ON_MACOS.exists():
        found = str(_ON_MACOS)
    assert found is not None, "no Chromium or Google Chrome: run tools/setup"
    return found


class Visit:
    """A page that has drawn all its charts, and what happened meanwhile."""

    def __init__(self, page: Page, file: Path) -> None:
        self.page = page
        self._file = file
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._note)
        page.goto(file.as_uri())
        page.wait_for_selector("html[data-drawn]")

    def _note(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def assert_nothing_foreign(self) -> None:
        """Of names and texts that try to be markup or scripts, none has become any: there are the
        page's own four scripts, and nothing else that runs, loads or leads elsewhere."""
        assert self.page.evaluate("window.hacked") is None
        assert self.page.locator("script").count() == 4
        assert self.page.locator("img, iframe, object, embed, textarea").count() == 0
        assert self.page.locator("a:not([href^='#'])").count() == 0
        assert self.complaints == []
        assert self.requests == [self._file.as_uri()]

    def colour(self, selector: str, what: str) -> str:
        return str(self.page.eval_on_selector(selector, f"e => getComputedStyle(e).{what}"))
