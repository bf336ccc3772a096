"""Results from elsewhere, made to harm whoever looks at them: every text in them is an attack."""

from __future__ import annotations

import json
import platform
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from concurrency_report.__main__ import main
from concurrency_report.machine_results import load
from concurrency_report.peers.contest import Side
from concurrency_report.peers.report import as_markdown
from concurrency_report.peers.setting import Missing
from concurrency_report.plain_text import one_line
from concurrency_report.report import write_report
from concurrency_report.soak import SAMPLES, SoakResult
from concurrency_report.soak_report import write_soak_report
from concurrency_report.soak_sample import SampleFile
from concurrency_report.terminal import as_text

from . import machines, peer_results, samples
from .browser import find_browser

ATTACKS = [
    "<script>window.hacked=1</script>",
    "</script><script>window.hacked=1</script>",
    "--></style></title></textarea><img src=x onerror=window.hacked=1>",
    "<svg/onload=window.hacked=1>",
    "\" onmouseover=window.hacked=1 autofocus onfocus=window.hacked=1 x='",
    "'];window.hacked=1;['",
    "{{ 7 * 7 }}{% for x in y %}${window.hacked=1}",
    "javascript:window.hacked=1",
    "](javascript:window.hacked=1)![x](https://example.org/x.png)",
    "| cell | forged |\r| --- |\n# forged heading\n~~~\n```",
    "\x1b[2J\x1b]0;forged title\x07\x1b]52;c;Zm9yZ2Vk\x07\x9b31m\u202eforged\u2028line\x08",
    '=HYPERLINK("https://example.org")',
    "../../../etc/passwd\0",
]
ALL = " ".join(ATTACKS)


def hostile_folder(path: Path, attack: str) -> Path:
    """A study's folder in which all that may be text is this one."""
    rows: list[dict[str, Any]] = []
    for model in ("sequential", "thread_pool", "async"):
        for workload in ("io", "cpu"):
            rows += [
                samples.row(f"{workload}_{model}", f"case {attack}", wall_s=wall)
                for wall in (0.5, 0.6)
            ]
    rows.append(samples.row(f"io_{attack.replace('/', '-')}/workers:3", attack, wall_s=0.4))
    broken = {"error_occurred": True, "error_message": attack}
    rows.append(samples.row(f"mixed_{attack.replace('/', '-')}", attack) | broken)
    document: Any = samples.document(*rows)
    models: Any = document["context"].get("execution_models", {})
    texts = {
        key: attack
        for key, value in document["context"].items()
        if isinstance(value, str) and key != "schema_version"
    }
    document["context"] |= texts | {"host_name": attack, "cpu_model": attack, "date": attack}
    document["context"]["execution_models"] = models | {attack: next(iter(models.values()), {})}
    path.mkdir(exist_ok=True)
    (path / "results.json").write_text(json.dumps(document), encoding="utf-8")
    trace = json.dumps(machines.machine(attack).traces["io_async"]).replace(
        json.dumps("worker 0"), json.dumps(attack)
    )
    (path / "timelines").mkdir(exist_ok=True)
    for case in ("io_async", "io_thread_pool"):
        (path / "timelines" / f"{case}.json").write_text(trace, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def browser() -> Any:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        yield found
        found.close()


@pytest.mark.parametrize("attack", [*ATTACKS, ALL], ids=[*map(str, range(len(ATTACKS))), "all"])
def test_no_text_becomes_code_or_fetches_anything(
    browser: Browser, tmp_path: Path, attack: str
) -> None:
    folder = hostile_folder(tmp_path / "study", attack)
    write_report(load(folder), folder)
    page = browser.new_page()
    requests: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text))
    report = folder / "report.html"
    page.goto(report.as_uri())
    page.wait_for_selector("html[data-drawn]")
    for chart in page.locator("[data-chart] svg").all():
        chart.hover()
    assert page.evaluate("window.hacked") is None
    assert complaints == []
    assert requests == [report.as_uri()]
    handlers = "[...document.querySelectorAll('*')].flatMap(e => [...e.attributes])"
    assert page.evaluate(f"{handlers}.filter(a => /^on/.test(a.name)).length") == 0
    assert page.locator("script").count() == 4
    assert page.locator("img, iframe, object, embed, textarea").count() == 0
    assert page.locator("a:not([href^='#'])").count() == 0
    page.close()


def test_the_policy_stops_what_would_get_through(browser: Browser, tmp_path: Path) -> None:
    write_report([machines.machine()], tmp_path)
    page = browser.new_page()
    page.goto((tmp_path / "report.html").as_uri())
    page.wait_for_selector("html[data-drawn]")
    # Each is done once it is either stopped or not.
    stopped = page.evaluate("""async () => {
      const stopped = [];
      document.addEventListener("securitypolicyviolation", (event) => {
        stopped.push(event.effectiveDirective);
      });
      const script = document.createElement("script");
      script.textContent = "window.hacked = 1";
      document.body.append(script);
      const button = document.createElement("button");
      button.setAttribute("onclick", "window.hacked = 1");
      document.body.append(button);
      button.click();
      const image = new Image();
      const ended = new Promise((end) => {
        image.onload = end;
        image.onerror = end;
      });
      image.src = "image.png";
      document.body.append(image);
      await ended;
      return stopped;
    }""")
    assert sorted(stopped) == ["img-src", "script-src-attr", "script-src-elem"]
    assert page.evaluate("window.hacked") is None
    page.close()


def markup(markdown: str) -> list[str]:
    """What the lines are, and the marks for links, cells and code in them."""
    # As CommonMark splits lines; a word a line says what the line is.
    text = markdown.replace("\r", "\n")
    assert "<" not in text.replace("<br>", "")
    assert not [c for c in text if c != "\n" and one_line(c) != c]
    return [
        line.split(" ")[0]
        for line in text.split("\n")
        if line[:1] in ("#", "|", "!", "`", "~", "-")
    ] + re.findall(r"(?<!\\)[\[|`]", text)


def test_markdown_has_the_headings_tables_and_pictures_of_harmless_results(tmp_path: Path) -> None:
    def report(attack: str, name: str) -> list[str]:
        folder = hostile_folder(tmp_path / name, attack)
        write_report(load(folder), folder)
        return markup((folder / "report.md").read_bytes().decode())

    assert report(ALL, "hostile") == report("harmless", "harmless")


def test_so_has_that_of_a_soak(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    SampleFile(tmp_path / SAMPLES).close()

    def summary(attack: str) -> list[str]:
        monkeypatch.setattr(platform, "node", lambda: attack)
        write_soak_report(SoakResult(wrong=[attack]), tmp_path, interrupted=False)
        return markup((tmp_path / "soak.md").read_bytes().decode())

    assert summary(ALL) == summary("harmless")


def test_so_has_that_of_peers() -> None:
    def table(attack: str) -> list[str]:
        contest = replace(
            peer_results.contest(), group=attack, ours=Side(attack, dict), theirs=Side(attack, dict)
        )
        found = peer_results.comparison()
        return markup(
            as_markdown(
                replace(
                    found,
                    machine=attack,
                    rows=[replace(row, contest=contest) for row in found.rows],
                    failures=[(contest, attack)],
                    missing=[Missing(attack, attack)],
                    versions={attack: attack},
                )
            )
        )

    assert table(ALL) == table("harmless")


def test_nothing_reaches_the_terminal_that_it_would_obey(tmp_path: Path) -> None:
    for machine in load(hostile_folder(tmp_path / "study", ALL)):
        shown = as_text(machine)
        assert "forged" in shown
        assert not [c for c in shown if c != "\n" and one_line(c) != c]
        assert not [line for line in shown.split("\n") if line.startswith(("# forged", "| ---"))]


def test_errors_are_one_harmless_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "a\x1b[31m\nfolder"
    folder.mkdir()
    for content in ("{", json.dumps({"context": {"schema_version": ALL}, "benchmarks": [1]})):
        (folder / "results.json").write_text(content, encoding="utf-8")
        for command in (["study", "report", str(folder)], ["check", str(folder / "results.json")]):
            assert main(command) == 1
            shown = capsys.readouterr().err
            assert shown.count("\n") == 1
            assert one_line(shown[:-1]) == shown[:-1]


def test_reports_write_nothing_outside_their_folder(tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    folder = hostile_folder(place / "study", ALL)
    both = hostile_folder(place / "other", "../../../outside")
    write_report([*load(folder), *load(both)], folder)
    assert {path.name for path in tmp_path.iterdir()} == {"place"}
    assert {path.name for path in place.iterdir()} == {"study", "other"}
    charts = list((folder / "charts").iterdir())
    assert charts
    assert all(path.name.replace("-", "").replace("_", "")[:-4].isalnum() for path in charts)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("io_async, 5 ms ✅", "io_async, 5 ms ✅"),
        ("a\x1b[31mb", "a\ufffd[31mb"),
        ("a\r\nb\tc", "a\ufffd\ufffdb\ufffdc"),
        ("\x9b\x7f\u202e\u2028\u2029\ufeff\ue000", "\ufffd" * 7),
    ],
)
def test_one_line(text: str, shown: str) -> None:
    assert one_line(text) == shown
