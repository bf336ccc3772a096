"""What a soak saw: judged, in a paragraph, drawn."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import altair as alt
import vl_convert

from .flatness import Allowance, Flatness, judge, warm_up
from .report.templates import escaped_for_markdown
from .report.themes import LIGHT
from .soak import SAMPLES, SoakResult
from .soak_sample import Holdings, read_samples

# At rest nothing is in flight that could make a difference.
_COUNT = Allowance(0.5)
# What the C library keeps of freed memory, and which pages of files were touched last, differs from
# one pass to the next by some hundred KiB.
_MEMORY = Allowance(1024, share=0.05)

_WIDTH = 720
_HEIGHT = 90


@dataclass(frozen=True)
class _Figure:
    name: str
    read: Callable[[Holdings], int]
    allowance: Allowance
    unit: str = ""


# The proportional set size is sampled and drawn, but not judged: it changes with who else on the
# machine has the same libraries mapped.
_JUDGED = (
    _Figure("descriptors", lambda each: each.descriptors, _COUNT),
    _Figure("threads", lambda each: each.threads, _COUNT),
    _Figure("children", lambda each: each.children, _COUNT),
    _Figure("zombies", lambda each: each.zombies, _COUNT),
    _Figure("RSS", lambda each: each.rss_kb, _MEMORY, " KiB"),
    _Figure("anonymous memory", lambda each: each.anonymous_kb, _MEMORY, " KiB"),
)


@dataclass(frozen=True)
class SoakReport:
    """`growing` is a line for each figure that grows; `is_known` whether there was enough to say
    so."""

    summary: str
    growing: Sequence[str]
    is_known: bool


def write_soak_report(result: SoakResult, folder: Path, *, interrupted: bool) -> SoakReport:
    verdicts = _verdicts(result)
    growing = [
        f"{name}: {found.growth}" for name, found in verdicts.items() if found.growth is not None
    ]
    is_known = all(found.is_known for found in verdicts.values())
    summary = _summary(result, verdicts, growing, is_known=is_known, interrupted=interrupted)
    wrong = "".join(f"\n- {escaped_for_markdown(line)}" for line in result.wrong)
    text = (
        escaped_for_markdown(summary) + "\n" + (f"\nWhat went wrong:\n{wrong}\n" if wrong else "")
    )
    (folder / "soak.md").write_text(text, encoding="utf-8")
    samples = read_samples(folder / SAMPLES)
    if samples:
        (folder / "soak.svg").write_text(as_svg(samples), encoding="utf-8")
    return SoakReport(summary, growing, is_known)


def _verdicts(result: SoakResult) -> Mapping[str, Flatness]:
    holdings = {
        "bench": [sample.bench for sample in result.at_rest],
        "origin": [sample.origin for sample in result.at_rest],
    }
    return {
        f"{who}'s {figure.name}": judge([figure.read(each) for each in held], figure.allowance)
        for who, held in holdings.items()
        for figure in _JUDGED
    }


def _summary(
    result: SoakResult,
    verdicts: Mapping[str, Flatness],
    growing: Sequence[str],
    *,
    is_known: bool,
    interrupted: bool,
) -> str:
    wrong = f"and {len(result.wrong)} things went wrong besides" if result.wrong else "none else"
    parts = [
        f"Soak of {result.seconds / 60:.1f} minutes on {platform.node()}"
        f"{', interrupted' if interrupted else ''}: {result.passes} passes of "
        f"{result.cases} cases each in one process of bench, {result.faulty_passes} of them with "
        f"hosts that misbehave; of {result.runs} runs {result.failed_as_they_had_to} failed as "
        f"they had to, {wrong}."
    ]
    if not is_known:
        parts.append("These are too few passes to say whether anything grows.")
    elif growing:
        parts.append(f"Not flat: {'; '.join(growing)}.")
    else:
        ranges = ", ".join(
            f"{name} {_range(found)}{figure.unit}"
            for (name, found), figure in zip(verdicts.items(), _JUDGED * 2, strict=True)
        )
        parts.append(
            f"Flat: at rest after each pass, the first {warm_up(result.passes)} of warming up left "
            f"out, there were {ranges}."
        )
    return " ".join(parts)


def _range(found: Flatness) -> str:
    low, high = f"{found.low:.0f}", f"{found.high:.0f}"
    return low if low == high else f"{low} to {high}"


def as_svg(samples: Sequence[Mapping[str, float]]) -> str:
    """A row a figure: what was there each second, thin, and what was there at rest, thick."""
    rows = (
        ("descriptors", "descriptors", 1.0),
        ("threads", "threads", 1.0),
        ("children", "child processes", 1.0),
        ("rss_kb", "RSS, MiB", 1024.0),
        ("pss_kb", "PSS, MiB", 1024.0),
    )
    charts = [
        _row(samples, key, title, scale, last=key == rows[-1][0]) for key, title, scale in rows
    ]
    chart = alt.vconcat(*charts, spacing=12).resolve_scale(x="shared").to_dict()
    config = LIGHT | {"background": "white", "padding": 12}
    return str(vl_convert.vegalite_to_svg(chart, config=config))


def _row(
    samples: Sequence[Mapping[str, float]], key: str, title: str, scale: float, *, last: bool
) -> alt.LayerChart | alt.FacetChart:
    records = [
        {
            "minutes": round(sample["seconds"] / 60, 4),
            "of": who,
            "value": sample[f"{who}_{key}"] / scale,
            "at rest": sample["at_rest"] == 1,
        }
        for sample in samples
        for who in ("bench", "origin")
    ]
    base = alt.Chart(alt.InlineData(values=records)).encode(
        x=alt.X(
            "minutes:Q",
            title="minutes" if last else None,
            axis=alt.Axis(tickCount=10),
            scale=alt.Scale(nice=False),
        ),
        y=alt.Y("value:Q", title=title, scale=alt.Scale(zero=True)),
        color=alt.Color("of:N", title=None),
    )
    each_second = base.mark_line(strokeWidth=0.75, opacity=0.6, aria=False)
    at_rest = base.transform_filter("datum['at rest']").mark_line(
        strokeWidth=2, aria=False, point=alt.OverlayMarkDef(aria=False, size=20)
    )
    return alt.layer(each_second, at_rest).properties(width=_WIDTH, height=_HEIGHT)
