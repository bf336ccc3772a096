"""The report's page as a person meets it: in a real browser, by eye, keyboard and small screen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from concurrency_report.report import write_report

from . import machines
from .browser import Visit, find_browser

PHONE_PX = 400


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    write_report([machines.machine(), machines.machine(machines.HOSTILE, 1)], folder)
    return folder / "report.html"


def visit(browser: Browser, report: Path, **options: Any) -> Visit:
    return Visit(browser.new_page(**options), report)


def test_renders_without_complaint_and_asks_nobody(browser: Browser, report: Path) -> None:
    seen = visit(browser, report)
    assert seen.complaints == []
    assert seen.requests == [report.as_uri()]


def test_every_chart_is_drawn(browser: Browser, report: Path) -> None:
    page = visit(browser, report).page
    places = page.locator("[data-chart]")
    assert places.count() > 25
    for place in places.all():
        assert place.locator("svg [role='graphics-symbol'], svg .mark-rect path").count() > 0
        assert place.bounding_box() is not None


def test_timelines_tell_waiting_from_working(browser: Browser, report: Path) -> None:
    page = visit(browser, report).page
    bars = page.locator("[data-chart$='timeline-io_async'] svg .mark-rect path[aria-label]")
    boxes = {bar.get_attribute("fill"): bar.bounding_box() for bar in bars.all()}
    assert len(boxes) == 3  # awaited, waited for, worked on
    thin, thin_too, thick = sorted(box["height"] for box in boxes.values() if box)
    assert thick > 1.3 * thin_too
    assert thin_too - thin < 1


def test_dark_mode_turns_page_and_charts(browser: Browser, report: Path) -> None:
    light = visit(browser, report, color_scheme="light")
    dark = visit(browser, report, color_scheme="dark")
    axis = "[data-chart] svg .role-axis-label text"
    for selector, what in (("html", "backgroundColor"), ("body", "color"), (axis, "fill")):
        assert light.colour(selector, what) != dark.colour(selector, what)
    light.page.emulate_media(color_scheme="dark")
    light.page.wait_for_selector("html[data-drawn='dark']")
    assert light.colour(axis, "fill") == dark.colour(axis, "fill")
    assert light.complaints == []


def test_a_phone_needs_no_sideways_scrolling(browser: Browser, report: Path) -> None:
    seen = visit(browser, report, viewport={"width": PHONE_PX, "height": 800})
    assert seen.page.evaluate("document.scrollingElement.scrollWidth") <= PHONE_PX
    for chart in seen.page.locator("[data-chart] svg").all():
        box = chart.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= PHONE_PX + 1
    table = seen.page.locator(".scroll").first
    assert table.evaluate("e => e.scrollWidth > e.clientWidth")


def test_a_phone_cuts_no_text_of_charts_off(browser: Browser, report: Path) -> None:
    seen = visit(browser, report, viewport={"width": PHONE_PX, "height": 800})
    cut_off = """chart => {
      const edge = chart.getBoundingClientRect();
      return [...chart.querySelectorAll("text")].filter(text => {
        const box = text.getBoundingClientRect();
        const hidden = getComputedStyle(text).opacity === "0";
        return !hidden && (box.left < edge.left - 1 || box.right > edge.right + 1);
      }).map(text => text.textContent);
    }"""
    charts = seen.page.locator("[data-chart] svg").all()
    assert [text for chart in charts for text in chart.evaluate(cut_off)] == []


def test_the_keyboard_reaches_everything(browser: Browser, report: Path) -> None:
    page = visit(browser, report).page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box() is not None
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main"
    details = page.locator("figure details").first
    details.locator("summary").focus()
    page.keyboard.press("Enter")
    assert details.evaluate("e => e.open")
    assert details.locator("td").count() > 0
    assert page.locator(".scroll").first.get_attribute("tabindex") == "0"


def test_hostile_names_are_text(browser: Browser, report: Path) -> None:
    page = visit(browser, report).page
    assert page.locator("b").count() == 0
    assert page.locator("h2", has_text=machines.HOSTILE).count() > 0


def test_without_scripts_all_figures_are_there(browser: Browser, report: Path) -> None:
    page = browser.new_page(java_script_enabled=False)
    page.goto(report.as_uri())
    assert page.locator("noscript p").is_visible()
    assert page.locator("figure details").count() == page.locator("[data-chart]").count()
