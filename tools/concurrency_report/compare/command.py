"""The command line of `tools/compare`."""

from __future__ import annotations

import argparse
import io
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..arguments import Parser
from ..children import Children
from ..plain_text import one_line
from ..results import ResultsError
from .inputs import STANDARD_INPUT, InputError, Results, Source, is_program, load

if TYPE_CHECKING:
    from .counters import Line, Mean

_USAGE = 2
_WIDE = 200
# The operands of each of compare.py's ways, and which of them are filters.
_MODES = {
    "benchmarks": ("baseline", "contender"),
    "filters": ("input", "filter", "filter"),
    "benchmarksfiltered": ("baseline", "filter", "contender", "filter"),
}


def compare_parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="tools/compare",
        usage="tools/compare [OPTION...] [benchmarks] BASELINE CONTENDER [BENCH OPTION...]\n"
        "       tools/compare [OPTION...] filters INPUT FILTER FILTER [BENCH OPTION...]\n"
        "       tools/compare [OPTION...] benchmarksfiltered BASELINE FILTER CONTENDER FILTER "
        "[BENCH OPTION...]",
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description=(
            "Compares two results by Google Benchmark's own compare.py, and then their counters,\n"
            "which that leaves out: CPU seconds of all processes, memory and the others. Names\n"
            "what was added, removed, or could not be compared; only rows that both sides have\n"
            "are in any mean. Each side is a JSON file, '-' for standard input, or a program,\n"
            "which is run with the options behind the operands."
        ),
        epilog=(
            "Exit status: compare.py's own, which is 0 however much slower a case became\n"
            "(tools/regress judges that); 1 if a case failed in a program; 2 for what cannot be\n"
            "compared.\n\n"
            "Example:\n"
            "  build/bench --benchmark_format=json | tools/compare baseline.json -\n"
            "  tools/compare --counters all before.json after.json\n"
            "  tools/compare before.json build/bench --benchmark_repetitions=9\n"
            "  tools/compare filters results.json io_threads io_async"
        ),
    )
    parser.add_argument(
        "--counters",
        type=lambda text: text.split(","),
        metavar="all|LIST",
        help="which counters (default: user_s,sys_s,wall_s,max_rss_kb)",
    )
    upstream = parser.add_argument_group("options of compare.py")
    upstream.add_argument(
        "-a",
        "--display_aggregates_only",
        action="store_true",
        help="show aggregates of repetitions only",
    )
    upstream.add_argument(
        "--no-color", action="store_true", help="no colours (default where there is no terminal)"
    )
    upstream.add_argument(
        "-d", "--dump_to_json", metavar="FILE", help="also write what compare.py found as JSON"
    )
    upstream.add_argument(
        "--no-utest", action="store_true", help="no Mann-Whitney U test over repetitions"
    )
    upstream.add_argument(
        "--alpha", type=float, metavar="X", help="significance level of that test (default: 0.05)"
    )
    parser.add_argument("operands", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    return parser


def compare(arguments: Sequence[str]) -> int:
    parser = compare_parser()
    options = parser.parse_args(arguments)
    operands: list[str] = options.operands
    mode = operands.pop(0) if operands and operands[0] in _MODES else "benchmarks"
    kinds = _MODES[mode]
    if len(operands) < len(kinds):
        parser.error(f"{mode} takes {len(kinds)} operands: {' '.join(kinds).upper()}")
    sources = _sources(parser, mode, operands[: len(kinds)])
    if [each.name for each in sources].count(STANDARD_INPUT) > 1 and mode != "filters":
        parser.error("'-' can be one of the two sides, not both")
    bench_options = operands[len(kinds) :]
    if bench_options[:1] == ["--"]:
        del bench_options[0]
    if bench_options and not any(is_program(Path(each.name)) for each in sources):
        parser.error(
            f"'{bench_options[0]}' stands behind the operands, where options of a program do, and "
            "neither side is one: options of tools/compare stand before them"
        )

    from .upstream import UpstreamError, find_compare_py

    try:
        program = find_compare_py()
        baseline, contender = _load(mode, sources, bench_options)
        return _compare(parser, options, str(program), sources, baseline, contender)
    except InputError as error:
        say(f"error: {error}")
        return error.status
    except (ResultsError, UpstreamError) as error:
        say(f"error: {error}")
        return _USAGE
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        say(f"error: {where}{error.strerror or error}")
        return _USAGE


def say(text: str) -> None:
    print(f"compare: {one_line(text)}", file=sys.stderr, flush=True)


def _sources(
    parser: argparse.ArgumentParser, mode: str, operands: Sequence[str]
) -> tuple[Source, Source]:
    if mode == "benchmarks":
        return Source(operands[0]), Source(operands[1])
    first, one, second, other = (
        (operands[0], operands[1], operands[0], operands[2]) if mode == "filters" else operands
    )
    for text in (one, other):
        try:
            re.compile(text)
        except re.error as error:
            parser.error(f"'{text}' is no regular expression: {error}")
    replacement = f"[{one} vs. {other}]"
    return Source(first, one, replacement), Source(second, other, replacement)


def _load(
    mode: str, sources: Sequence[Source], bench_options: Sequence[str]
) -> tuple[Results, Results]:
    stdin = sys.stdin.buffer
    if mode == "filters" and sources[0].name == STANDARD_INPUT:
        text = stdin.read()
        streams = [io.BytesIO(text), io.BytesIO(text)]
    else:
        streams = [stdin, stdin]  # type: ignore[list-item]  # binary too
    with Children() as children:
        first, second = (
            load(source, bench_options, children, stream)
            for source, stream in zip(sources, streams, strict=True)
        )
    return first, second


def _compare(
    parser: argparse.ArgumentParser,
    options: argparse.Namespace,
    program: str,
    sources: Sequence[Source],
    baseline: Results,
    contender: Results,
) -> int:
    from . import counters, upstream
    from .matching import match, matched_document

    matching = match(baseline, contender)
    if not matching.matched:
        why = " ".join(matching.sentences())
        raise InputError(f"{baseline.label} and {contender.label}: no case can be compared. {why}")
    known = counters.all_counters(baseline, contender, matching)
    wanted = options.counters or [each for each in counters.USUAL if each in known]
    if wanted == ["all"]:
        wanted = known
    for each in wanted:
        if each not in known:
            parser.error(f"--counters: no case has '{each}': there are {', '.join(known)}")
    status = upstream.run(
        Path(program),
        _upstream_options(options),
        [
            (results.label, matched_document(results, matching), source.filter)
            for results, source in zip((baseline, contender), sources, strict=True)
        ],
    )
    lines, missing = counters.compare(baseline, contender, matching, wanted)
    print(_as_text(lines, counters.means(lines)))
    for sentence in (*_differences(baseline, contender), *matching.sentences(), *missing):
        print(one_line(sentence))
    failed = [each.label for each in (baseline, contender) if each.failed]
    for label in failed:
        say(f"error: {label}: a case failed in it")
    return status or (1 if failed else 0)


def _upstream_options(options: argparse.Namespace) -> list[str]:
    """compare.py colours what it writes to files and pipes as well, unless told not to."""
    plain = options.no_color or not sys.stdout.isatty()
    return [
        *(["-a"] if options.display_aggregates_only else []),
        *(["--no-color"] if plain else []),
        *(["--dump_to_json", options.dump_to_json] if options.dump_to_json else []),
        *(["--no-utest"] if options.no_utest else []),
        *([f"--alpha={options.alpha}"] if options.alpha is not None else []),
    ]


def _differences(baseline: Results, contender: Results) -> list[str]:
    from ..fingerprint import fingerprint

    different = fingerprint(baseline.context).differences(fingerprint(contender.context))
    if not different:
        return []
    listed = ", ".join(f"{key} ({both})" for key, both in different.items())
    return [f"Beware, these were made in different ways: {listed}."]


def _as_text(lines: Sequence[Line], means: Sequence[Mean]) -> str:
    from rich.console import Console
    from rich.table import Table

    from .counters import judged

    table = Table(box=None, pad_edge=False, header_style="")
    for header in ("Counter", "old", "new", "change", ""):
        justify = "left" if header in ("Counter", "") else "right"
        table.add_column(header, justify=justify, no_wrap=True)  # type: ignore[arg-type]
    for line in lines:
        name = f"{line.case} {line.counter}"
        values = (_figure(line.old), _figure(line.new), _change(line.ratio))
        table.add_row(one_line(name), *values, judged(line.counter, line.ratio))
    for mean in means:
        name = f"geometric mean of {mean.of} matched cases: {mean.counter}"
        table.add_row(name, "", "", _change(mean.ratio), judged(mean.counter, mean.ratio))
    out = io.StringIO()
    Console(file=out, width=_WIDE, highlight=False, markup=False).print(table)
    return "\n" + "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def _figure(value: float) -> str:
    return f"{value:.4g}" if abs(value) < 10_000 else f"{value:.0f}"


def _change(ratio: float | None) -> str:
    return "-" if ratio is None else f"{100 * (ratio - 1):+.1f} %"
