"""The templates, and how each kind of text escapes what it shows."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined


def environment(kind: str) -> Environment:
    """For "html" or "md". A name that a template does not know is an error."""
    found = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=kind == "html",
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["md"] = _escaped_for_markdown
    return found


def _escaped_for_markdown(text: object) -> str:
    """No text is markup, a cell or HTML by accident: in a host's name for instance. Underscores
    stay as they are: within words they mean nothing."""
    out = str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for character in "\\`*[]|#":
        out = out.replace(character, f"\\{character}")
    return out.replace("\n", " ")
