"""Reports as one HTML file each that opens from the disk and asks nobody for anything."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from functools import cache

import vl_convert
from markupsafe import Markup

from .content import Report
from .pictures import Picture, spec_of
from .templates import environment, source
from .themes import DARK, LIGHT


def as_html(report: Report) -> str:
    return as_page("report.html.j2", report.pictures, report=report)


def as_page(template: str, pictures: Sequence[Picture], **content: object) -> str:
    """A page by a template of ours that has a place for each of the pictures."""
    charts = {picture.name: spec_of(picture) for picture in pictures}
    scripts = [_library(), source("report.js")]
    return (
        environment("html")
        .get_template(template)
        .render(
            **content,
            pictures=pictures,
            scripts=[Markup(script) for script in scripts],
            policy=_policy(scripts),
            charts=_as_script(charts),
            themes=_as_script({"light": LIGHT, "dark": DARK}),
        )
    )


def _policy(scripts: Sequence[str]) -> str:
    """What a browser lets the page do (https://www.w3.org/TR/CSP3/), should a text ever become
    markup: run these very scripts and no others, style itself, fetch nothing, send nothing."""
    hashes = (hashlib.sha256(script.encode()).digest() for script in scripts)
    allowed = " ".join(f"'sha256-{base64.b64encode(each).decode()}'" for each in hashes)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
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
