from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from concurrency_report.__main__ import main
from concurrency_report.report import write_report
from concurrency_report.results import Json, ResultsError
from concurrency_report.terminal import as_text

from . import machines, samples

SVG = "{http://www.w3.org/2000/svg}"
MOST_BYTES = 3_000_000


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    write_report([machines.machine()], folder)
    return folder


def markdown(folder: Path) -> str:
    return (folder / "report.md").read_text()


def test_the_recommendation_comes_first_then_claims_then_figures(report: Path) -> None:
    text = markdown(report)
    places = [
        text.index(part)
        for part in (
            "**IO-bound work: async.**",
            "## The study's claims",
            "\n1. **",
            "\n7. **cannot tell here**",
            "## somewhere, 2 cores",
            "### io\n",
            "01 io",
            "### cpu\n",
            "![Wall time. Medians",
            "charts/workers-io.svg",
            "charts/tasks.svg",
            "charts/timeline-io\\_async.svg".replace("\\", ""),
            "## As published, for Python",
            "linux-10core",
        )
    ]
    assert places == sorted(places)


def test_published_figures_are_never_mixed_in(report: Path) -> None:
    ours, published = markdown(report).split("## As published, for Python")
    assert "14.340" not in ours
    assert "14.340" in published
    assert "somewhere" not in published


def test_a_published_case_is_one_row_for_all_machines(report: Path) -> None:
    page = (report / "report.html").read_text()
    specs = json.loads(re.findall(r'id="charts">(.*?)</script>', page)[0])
    assert len(specs["published-wall"]["encoding"]["y"]["sort"]) == 18


def test_every_picture_is_a_file_that_parses_and_shows_something(report: Path) -> None:
    named = set(re.findall(r"\(charts/([^)]+\.svg)\)", markdown(report)))
    assert named == {path.name for path in (report / "charts").iterdir()}
    assert len(named) > 12
    for name in named:
        root = ElementTree.parse(report / "charts" / name).getroot()
        assert root.tag == f"{SVG}svg"
        assert len(root.findall(f".//{SVG}path")) > 3, name


def test_every_picture_has_its_table(report: Path) -> None:
    page = (report / "report.html").read_text()
    charts = re.findall(r'data-chart="([^"]+)"', page)
    assert len(charts) == len(set(charts)) == page.count("<details><summary>Table: ")
    specs = json.loads(re.findall(r'id="charts">(.*?)</script>', page)[0])
    assert set(specs) == set(charts)


def test_the_page_is_one_file_of_bearable_size(report: Path) -> None:
    page = (report / "report.html").read_text()
    assert len(page.encode()) < MOST_BYTES
    markup = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert re.findall(r'<(?:script|link|img|iframe)[^>]*(?:src|href)="([^"]*)"', markup) == [
        "data:,"
    ]
    assert not list(report.glob("*.part"))


def test_marks_are_drawn_with_words_for_who_cannot_see_them(report: Path) -> None:
    page = (report / "report.html").read_text()
    assert 'class="good" role="img" aria-label="good">✅<' in page
    assert 'class="poor" role="img" aria-label="poor">-<' in page
    assert " ✅ |" in markdown(report)


class Tags(HTMLParser):
    """Complains of elements that are closed in another order than they were opened."""

    VOID = ("meta", "link", "br", "img")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, _attributes: object) -> None:
        self.seen.add(tag)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_s_elements_are_nested(report: Path) -> None:
    tags = Tags()
    tags.feed((report / "report.html").read_text())
    tags.close()
    assert tags.open == []
    assert {"main", "nav", "table", "figure"} <= tags.seen


def test_text_is_never_markup(tmp_path: Path) -> None:
    hostile = machines.machine(machines.HOSTILE)
    write_report([hostile], tmp_path)
    page = (tmp_path / "report.html").read_text()
    tags = Tags()
    tags.feed(page)
    assert "b" not in tags.seen
    assert page.count("</script>") == 4
    text = markdown(tmp_path)
    assert "<b" not in text
    assert "\\| \\*" in text


def test_several_machines_have_a_section_each_and_pictures_of_their_own(tmp_path: Path) -> None:
    both = [machines.machine("laptop", 1), machines.machine("laptop", 2)]
    write_report([*both, machines.machine("laptop", 2)], tmp_path)
    text = markdown(tmp_path)
    assert text.count("## laptop, 1 core\n") == 1
    # Two that are alike are told apart by their dates.
    assert text.count("## laptop, 2 cores, 2026-01-01T00:00:00+00:00\n") == 2
    assert (tmp_path / "charts/laptop-1-core-wall.svg").exists()
    date = "2026-01-01t00-00-00-00-00"
    assert (tmp_path / f"charts/laptop-2-cores-{date}-wall.svg").exists()
    assert (tmp_path / f"charts/laptop-2-cores-{date}--2-wall.svg").exists()
    assert text.count("## As published") == 1


def test_little_measured_makes_a_small_report(tmp_path: Path) -> None:
    machine = machines.machine(rounds=1)
    write_report([replace(machine, cases=machine.cases[:1], claims=[], traces={})], tmp_path)
    text = markdown(tmp_path)
    assert "Too little was measured to recommend anything." in text
    assert "nothing tells how far it can be trusted" in text
    assert text.count("**cannot tell here**") == 7


def test_a_busy_machine_is_warned_of(report: Path, tmp_path: Path) -> None:
    assert "Other work" not in markdown(report)
    machine = machines.machine()
    cases = [
        case.with_figure("user_s", dict.fromkeys(case.of("wall_s"), 0.3))
        if case.case == "cpu_sequential"
        else case
        for case in machine.cases
    ]
    busy = replace(machine, cases=cases)
    write_report([busy], tmp_path)
    warning = "cpu_sequential, which does nothing but compute, had one for 53 % of its time only"
    assert warning in markdown(tmp_path)
    assert 'class="warning"' in (tmp_path / "report.html").read_text()
    assert warning in " ".join(as_text(busy).split())


def test_pictures_of_an_earlier_report_do_not_stay(tmp_path: Path) -> None:
    machine = machines.machine()
    write_report([machine], tmp_path)
    assert (tmp_path / "charts/tasks.svg").exists()
    write_report([replace(machine, claims=[])], tmp_path)
    assert not (tmp_path / "charts/tasks.svg").exists()


def test_pictures_of_workers_and_tasks_have_tables_in_markdown_too(report: Path) -> None:
    text = markdown(report)
    assert "| model | time | workers | s | from | to |" in text
    assert "| mean wait | tasks | times as fast | from | to |" in text


def test_a_damaged_timeline_is_named(tmp_path: Path) -> None:
    machine = machines.machine()
    broken: Json = {"traceEvents": [{"ph": "X"}]}
    traces = {**machine.traces, "io_async": broken}
    with pytest.raises(ResultsError, match="the timeline of io_async: "):
        write_report([replace(machine, traces=traces)], tmp_path)


def study(folder: Path, **context: object) -> Path:
    folder.mkdir()
    document = samples.document(samples.row("io_async"), samples.row("io_sequential"))
    document["context"] |= context
    (folder / "results.json").write_text(json.dumps(document))
    return folder


def test_the_command_writes_a_report_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = study(tmp_path / "study")
    assert main(["study", "report", str(folder)]) == 0
    assert capsys.readouterr().out == f"{folder / 'report.html'}\n"
    assert (folder / "report.md").exists()


def test_the_command_joins_studies(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folders = [study(tmp_path / name, host_name=name) for name in ("laptop", "server")]
    out = tmp_path / "new" / "both"
    assert main(["study", "report", "--out", str(out), *map(str, folders)]) == 0
    assert "## laptop, 2 cores" in markdown(out)
    assert "## server, 2 cores" in markdown(out)
    assert main(["study", "report", *map(str, folders)]) == 0
    beside = Path(capsys.readouterr().out.splitlines()[-1]).parent
    assert beside.parent == tmp_path
    assert beside.name.startswith("report-")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [(None, "no study's results"), ("{", "truncated JSON"), ("{}", "no 'context'")],
)
def test_the_command_refuses_what_is_no_study_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str | None, complaint: str
) -> None:
    if content is not None:
        (tmp_path / "results.json").write_text(content)
    before = sorted(tmp_path.iterdir())
    assert main(["study", "report", str(tmp_path)]) == 1
    err = capsys.readouterr().err
    assert complaint in err
    assert err.count("\n") == 1
    assert sorted(tmp_path.iterdir()) == before


def test_the_command_says_where_it_cannot_write(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = study(tmp_path / "study")
    (tmp_path / "file").write_text("in the way")
    assert main(["study", "report", "--out", str(tmp_path / "file"), str(folder)]) == 1
    err = capsys.readouterr().err
    assert f"{tmp_path / 'file'}: File exists" in err
    assert err.count("\n") == 1
