"""The study's report: a page that stands alone, and the same in Markdown with pictures as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import vl_convert

from ..machine_results import MachineResults
from ..table import headers
from ..whole_file import write_text
from .content import Report, report_of
from .page import as_html
from .pictures import Picture, plain_spec
from .templates import environment
from .themes import LIGHT

__all__ = ["write_report"]

_SVG_WIDTH = 720


def write_report(machines: Sequence[MachineResults], folder: Path) -> None:
    """Writes report.html, report.md and charts/*.svg into the folder, which must exist, each file
    all or nothing. Throws ResultsError where a timeline is damaged, OSError where a file cannot be
    written."""
    report = report_of(machines)
    charts = folder / "charts"
    charts.mkdir(exist_ok=True)
    for old in set(charts.glob("*.svg")) - {
        charts / f"{each.name}.svg" for each in report.pictures
    }:
        old.unlink()
    for picture in report.pictures:
        write_text(charts / f"{picture.name}.svg", as_svg(picture))
    write_text(folder / "report.md", as_markdown(report))
    write_text(folder / "report.html", as_html(report))


def as_markdown(report: Report) -> str:
    text = environment("md").get_template("report.md.j2").render(report=report, headers=headers)
    return text.rstrip() + "\n"


def as_svg(picture: Picture) -> str:
    """In the light theme, on white, for wherever a picture may be shown."""
    chart = plain_spec(picture, width=_SVG_WIDTH)
    config = LIGHT | {"background": "white", "padding": 12}
    return str(vl_convert.vegalite_to_svg(chart, config=config))
