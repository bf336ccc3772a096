"""The report as one HTML file that opens from the disk and asks nobody for anything."""

from __future__ import annotations

import json
from functools import cache

import vl_convert
from markupsafe import Markup

from .content import Report
from .pictures import spec_of
from .templates import environment
from .themes import DARK, LIGHT


def as_html(report: Report) -> str:
    charts = {picture.name: spec_of(picture) for picture in report.pictures}
    return (
        environment("html")
        .get_template("report.html.j2")
        .render(
            report=report,
            library=Markup(_library()),
            charts=_as_script(charts),
            themes=_as_script({"light": LIGHT, "dark": DARK}),
        )
    )


@cache
def _library() -> str:
    """What draws the charts. Nothing in it ends the script element that it stands in."""
    bundle: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    return bundle.replace("</script", "<\\/script")


def _as_script(value: object) -> Markup:
    """JSON within a script element: no text in it, a case's name for instance, can end that."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)
