"""The command line of `tools/peers`."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..arguments import BUILD, Parser, above_zero, add_bench, bench_of, whole
from ..outputs import INTERRUPTED_BASE, USAGE, require_folders, show
from ..plain_text import one_line

if TYPE_CHECKING:
    from ..children import Children
    from ..results import Json
    from .comparison import Comparison
    from .run import PeersOptions

_MOST_REPETITIONS = 1000
_MOST_FIBONACCI = 45
_MOST_SCALE = 1000
_DEFAULT_FIBONACCI = "32:38:3"
# By name here, so that --help needs nothing but Python itself.
_GROUPS = ("fresh", "keepalive", "memory", "cpu", "python")


def peers_parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="tools/peers",
        usage="tools/peers [--only GROUP,...] [OPTION...]",
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description=(
            "Runs cases of this project and what others offer for the same work side by side,\n"
            "against the same origin: one right after the other, in rounds, each in a process of\n"
            "its own. Prints the ratios of ours to theirs and which targets they reach. Installs\n"
            "and builds what is missing first. The groups:\n"
            "  fresh      a TLS handshake for each fetch: libcurl multi, openssl s_time\n"
            "  keepalive  64 connections that are kept alive: wrk\n"
            "  memory     10,000 fresh connections at once: libcurl multi\n"
            "  cpu        Fibonacci numbers: oneTBB, OpenMP, the C++ standard library\n"
            "  python     the study's 18 cases, written in Python"
        ),
        epilog=(
            "What is not installed is left out, and said so, unless --only asks for it.\n\n"
            "Exit status: 0, 1 if a run failed, 2 for what cannot be done as asked, 128 + n after\n"
            "signal n, with what is known so far. A target that is missed is no failure.\n\n"
            "Example:\n"
            "  tools/peers                                   everything, half an hour\n"
            "  tools/peers --only fresh,keepalive            two minutes\n"
            "  tools/peers --only python --fibonacci 28:34:3 smaller numbers for both sides\n"
            "  tools/peers --json peers.json --markdown peers.md"
        ),
    )
    parser.add_argument(
        "--only",
        type=_groups,
        metavar="GROUP,...",
        help="these groups only; what is not there for them is an error then",
    )
    parser.add_argument(
        "--repetitions",
        type=lambda text: whole(text, 1, _MOST_REPETITIONS),
        default=5,
        metavar="N",
        help="rounds, of which medians are taken (default: 5)",
    )
    parser.add_argument(
        "--fibonacci",
        type=_fibonacci,
        metavar="LOW:HIGH:REPEAT",
        help="numbers of group python, as bench takes them (default: bench's)",
    )
    parser.add_argument(
        "--latency-scale",
        type=lambda text: above_zero(text, _MOST_SCALE),
        metavar="X",
        help="of group python, as bench takes it (default: 1)",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write JSON")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="also write Markdown")
    add_bench(parser)
    return parser


def peers(arguments: Sequence[str]) -> int:
    parser = peers_parser()
    options = parser.parse_args(arguments)
    require_folders(parser, options.json, options.markdown)

    # Late, so that --help and usage errors need nothing but Python itself.
    from ..bench import BenchError
    from ..children import Children
    from ..origin import OriginError
    from ..progress import display_for
    from .contest import PeerError
    from .run import MissingError, compare

    with Children() as children:
        if options.bench is None and not _build(children, *BUILD[1:]):
            signal = children.interrupted_by
            say(f"interrupted by {signal.name}" if signal else "error: the build failed, see above")
            return INTERRUPTED_BASE + signal if signal else 1
        try:
            chosen = _chosen(options, children)
            found, context = compare(chosen, children, display_for(sys.stderr, "peers"), say)
        except (BenchError, MissingError, OriginError, PeerError, OSError) as error:
            signal = children.interrupted_by
            if signal is not None:
                say(f"interrupted by {signal.name}; nothing is known yet")
                return INTERRUPTED_BASE + signal
            say(f"error: {error}")
            return USAGE if isinstance(error, MissingError) else getattr(error, "status", 1)
        signal = children.interrupted_by
    if signal is not None:
        say(f"interrupted by {signal.name}; what is known until then:")
    return _show(found, context, options, signal)


def _chosen(options: argparse.Namespace, children: Children) -> PeersOptions:
    from .run import PeersOptions

    bench = bench_of(options)
    bench_peers = bench.with_name("bench_peers")
    # There is no such program where none of its libraries is.
    is_there = bench_peers.exists() if options.bench else _build(children, bench_peers.name)
    return PeersOptions(
        bench=bench,
        bench_peers=bench_peers if is_there else None,
        repetitions=options.repetitions,
        groups=options.only,
        study_options=(
            f"--fibonacci={options.fibonacci or _DEFAULT_FIBONACCI}",
            *([f"--latency-scale={options.latency_scale}"] if options.latency_scale else []),
        ),
    )


def _build(children: Children, *targets: str | Path) -> bool:
    return children.run([BUILD[0], *targets], stdout=sys.stderr.fileno()) == 0


def _show(
    found: Comparison, context: dict[str, Json], outputs: argparse.Namespace, signal: int | None
) -> int:
    from ..results import as_json
    from . import report

    files = (
        (outputs.markdown, lambda: report.as_markdown(found)),
        (outputs.json, lambda: as_json(found.to_json(context))),
    )
    return show(report.as_text(found), files, status=found.status, signal=signal, say=say)


def say(text: str) -> None:
    print(f"peers: {one_line(text)}", file=sys.stderr, flush=True)


def _groups(text: str) -> list[str]:
    """In the order of the groups, each once."""
    asked = text.split(",")
    for name in asked:
        if name not in _GROUPS:
            raise argparse.ArgumentTypeError(f"'{name}' is none of {', '.join(_GROUPS)}")
    return [name for name in _GROUPS if name in asked]


def _fibonacci(text: str) -> str:
    found = re.fullmatch(r"(\d{1,4}):(\d{1,4}):(\d{1,4})", text)
    if found is None or not 1 <= int(found[1]) <= int(found[2]) <= _MOST_FIBONACCI:
        raise argparse.ArgumentTypeError(
            f"'{text}' is no LOW:HIGH:REPEAT with 1 ≤ LOW ≤ HIGH ≤ {_MOST_FIBONACCI}"
        )
    if int(found[3]) == 0:
        raise argparse.ArgumentTypeError(f"'{text}': REPEAT must be 1 or more")
    return text
