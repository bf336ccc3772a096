"""The page of tools/regress, in a browser, of a comparison in which every text is an attack."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, sync_playwright

from concurrency_report.plain_text import one_line
from concurrency_report.regress.comparison import Comparison, Row
from concurrency_report.regress.decision import Verdict
from concurrency_report.regress.report import as_html
from concurrency_report.regress.sampling import METRICS, Failure

from .browser import Visit, find_browser
from .hostile_results_test import ALL

SLOWER, SAME, UNKNOWN = (f"{name} {one_line(ALL)}" for name in ("slower", "same", "unknown"))
CHANGES: dict[str, tuple[Verdict, float, float, float]] = {
    SLOWER: (Verdict.REGRESSED, 0.10, 0.08, 0.12),
    SAME: (Verdict.NO_CHANGE, 0.0, -0.02, 0.02),
    UNKNOWN: (Verdict.CANT_TELL, 0.04, -0.04, 0.12),
}


def comparison() -> Comparison:
    wall, cpu, memory = (metric.title for metric in METRICS)
    rows = [
        Row(case, metric, *found, threshold=0.05, pairs=16)
        for metric in (wall, cpu)
        for case, found in CHANGES.items()
    ]
    # Of these there is nothing to draw.
    rows += [
        Row("absent", metric, Verdict.ABSENT, None, None, None, threshold=0.05, pairs=0)
        for metric in (cpu, memory)
    ]
    return Comparison(
        base=ALL,
        head=ALL,
        machine=ALL,
        rows=rows,
        failures=[Failure(ALL, ALL, ALL)],
        added=[ALL],
        removed=[ALL],
        dropped={ALL: 2},
        remarks=[ALL],
    )


def box(mark: Locator) -> tuple[float, float]:
    """Where it begins and ends, in pixels."""
    found = mark.bounding_box()
    assert found is not None
    return found["x"], found["x"] + found["width"]


def test_each_case_has_an_interval_and_texts_are_shown_and_not_obeyed(tmp_path: Path) -> None:
    page = tmp_path / "regress.html"
    page.write_text(as_html(comparison()), encoding="utf-8")

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        visit = Visit(browser.new_page(), page)
        seen = visit.page
        assert seen.locator("[data-chart] svg").count() == 2
        chart = seen.locator("[data-chart='wall']")
        zero, *intervals = chart.locator(".role-mark.mark-rule line").all()
        points = chart.locator(".role-mark.mark-symbol path").all()
        assert (len(intervals), len(points)) == (3, 3)
        slower, same, unknown = map(box, intervals)
        assert slower[0] > box(zero)[1]
        assert same[0] < box(zero)[0] < same[1]
        # In proportion: 4, 4 and 16 % wide, but for the thickness of the line.
        assert same[1] - same[0] == pytest.approx(slower[1] - slower[0], abs=1)
        assert unknown[1] - unknown[0] == pytest.approx(4 * (same[1] - same[0]), abs=10)
        for interval, point in zip((slower, same, unknown), points, strict=True):
            assert sum(box(point)) == pytest.approx(sum(interval), abs=2)
        # Both thresholds of each, on both sides of zero.
        thresholds = [box(mark)[0] for mark in chart.locator(".role-mark.mark-rect path").all()]
        assert sorted(mark > box(zero)[0] for mark in thresholds) == 3 * [False] + 3 * [True]
        assert len({mark.get_attribute("stroke") for mark in intervals}) == 3
        assert seen.locator("figure tbody tr").count() == 6
        assert seen.locator("p", has_text="Regressed: slower").count() == 1
        visit.assert_nothing_foreign()
        browser.close()
