"""The templates, and how each kind of text escapes what it shows."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ...plain_text import one_line

_FOLDER = Path(__file__).parent


def environment(kind: str) -> Environment:
    """For "html" or "md". A name that a template does not know is an error."""
    found = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=kind == "html",
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["md"] = escaped_for_markdown
    return found


def source(name: str) -> str:
    """A file of this folder as it is."""
    return (_FOLDER / name).read_text(encoding="utf-8")


def escaped_for_markdown(text: object) -> str:
    """No text is markup, a cell, a line or HTML by accident: in a host's name for instance.
    Underscores stay as they are: within words they mean nothing."""
    out = (
        one_line(str(text).replace("\n", " "))
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
    )
    for character in "\\`*[]|#~":
        out = out.replace(character, f"\\{character}")
    return out
