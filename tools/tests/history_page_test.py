"""The page of tools/history, in a browser, of results in which every text is an attack."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from concurrency_report.__main__ import main

from .browser import Visit, find_browser
from .histories import results, write
from .hostile_results_test import ALL


def test_page_and_summary_show_texts_and_obey_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = f"io_{ALL.replace('/', '-')}"
    files = [
        write(
            results(
                day,
                {case: [1.0 if day < 5 else 1.3]},
                git_commit=f"{day}{ALL}",
                cpu_model=ALL,
                compiler=ALL,
                fibonacci=ALL,
            ),
            tmp_path / f"{day}.json",
        )
        for day in range(1, 10)
    ]
    database = str(tmp_path / "history.sqlite")
    page = tmp_path / "history.html"
    assert main(["history", "add", *files, "--database", database]) == 0
    assert main(["history", "list", "--database", database]) == 0
    report = ["history", "report", "--metrics", "wall_s", "--html", str(page)]
    assert main([*report, "--database", database]) == 0
    said = capsys.readouterr()
    assert "+30.0 %, 1 s → 1.3 s" in said.out
    assert all(character.isprintable() or character == "\n" for character in said.out + said.err)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        visit = Visit(browser.new_page(), page)
        seen = visit.page
        seen.locator("[data-chart] svg").hover()
        assert seen.locator("[data-chart] svg").count() == 1
        # Nine points and the line of the one change.
        assert seen.locator("[data-chart] .mark-symbol path").count() == 9
        assert seen.locator("[data-chart] .mark-rule line[stroke-dasharray]").count() == 1
        assert seen.locator("td", has_text="+30.0 %, 1 s → 1.3 s").count() == 2
        visit.assert_nothing_foreign()
        browser.close()
