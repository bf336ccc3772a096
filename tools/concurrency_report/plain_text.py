"""Text from files and from other programs, made fit to be shown in one line."""

from __future__ import annotations

import unicodedata

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def one_line(text: str) -> str:
    """With nothing in it that a terminal obeys, or that makes a line end or turn its direction:
    no control, format or unassigned characters, no separators of lines or paragraphs."""
    return "".join(_REPLACEMENT if _is_control(character) else character for character in text)


def _is_control(character: str) -> bool:
    category = unicodedata.category(character)
    return category.startswith("C") or category in ("Zl", "Zp")
