"""How charts look: light and dark. Colours are Okabe and Ito's, which people with any colour vision
can tell apart (https://jfly.uni-koeln.de/color/), lighter ones of them on dark ground."""

from __future__ import annotations

from typing import Any

_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif"


def _theme(
    ground: str, ink: str, faint: str, lines: str, categories: list[str], doing: list[str]
) -> dict[str, Any]:
    """`doing` are for what an event loop awaits, what a thread waits for, and work."""
    return {
        "background": "transparent",
        "font": _FONT,
        "view": {"stroke": None},
        "axis": {
            "labelColor": ink,
            "titleColor": ink,
            "gridColor": lines,
            "domainColor": faint,
            "tickColor": faint,
            "labelFontSize": 12,
            "titleFontSize": 12,
            "titleFontWeight": "normal",
        },
        "axisY": {"grid": False},
        "legend": {
            "labelColor": ink,
            "titleColor": ink,
            "orient": "top",
            "labelFontSize": 12,
            "titleFontSize": 12,
            "titleFontWeight": "normal",
            "labelLimit": 260,
            "columns": 2,
            "symbolOpacity": 1,
            "symbolBaseFillColor": ink,
            "symbolBaseStrokeColor": ink,
        },
        "rule": {"color": ink},
        # One bar told from the next.
        "bar": {"stroke": ground, "strokeWidth": 0.75},
        "range": {"category": categories, "ordinal": doing},
    }


LIGHT = _theme(
    ground="#ffffff",
    ink="#1c2127",
    faint="#8a929c",
    lines="#e3e6ea",
    categories=["#0072b2", "#d55e00", "#009e73", "#a6558a", "#8c6d00", "#2f8fc9"],
    doing=["#8ec9ee", "#f2b27a", "#0a4d78"],
)
DARK = _theme(
    ground="#14171b",
    ink="#e4e7eb",
    faint="#7d8691",
    lines="#30363d",
    categories=["#56b4e9", "#f0883e", "#2fc79c", "#e29ac6", "#e6c229", "#9ad1f5"],
    doing=["#2d6f97", "#a8632a", "#cfeafb"],
)
