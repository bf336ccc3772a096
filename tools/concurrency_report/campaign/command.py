"""The command line of `tools/regress-campaign`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ..arguments import ROOT, Parser, above_zero, whole
from .parts import PARTS, part_named

_MOST_RUNS = 10_000
_MOST_MINUTES = 24 * 60
_INTERRUPTED = 130


def campaign_parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="tools/regress-campaign",
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description=(
            "Runs tools/regress over and over where the answer is known, and counts how often it\n"
            "is right. Each run is kept as it ends; called again, it goes on."
        ),
        epilog=(
            "Parts:\n"
            + "".join(f"  {part.name:<11} {part.runs} runs: {part.title}\n" for part in PARTS)
            + "\nExit status: 0; 1 where a run or a build failed; 2 for wrong options or runs of\n"
            "another commit or machine; 130 after Ctrl-C.\n\n"
            "Example:\n"
            "  tools/regress-campaign                        all of it, some four hours\n"
            "  tools/regress-campaign --only idle --runs 5   a first look\n"
            "  tools/regress-campaign --show --docs docs/regression-campaign/quiet"
        ),
    )
    parser.add_argument(
        "--only", choices=[part.name for part in PARTS], metavar="PART", help="one part alone"
    )
    parser.add_argument(
        "--runs",
        type=lambda text: whole(text, 1, _MOST_RUNS),
        metavar="N",
        help="how many runs of each part shall count (default: see below)",
    )
    parser.add_argument(
        "--minutes",
        type=lambda text: above_zero(text, _MOST_MINUTES),
        default=1.0,
        metavar="N",
        help="how long a run may take pairs, where its part does not say it (default: 1)",
    )
    parser.add_argument(
        "--results",
        type=Path,
        default=ROOT / "results" / "regress-campaign",
        metavar="FOLDER",
        help="where runs and builds are kept (default: results/regress-campaign)",
    )
    parser.add_argument(
        "--show", action="store_true", help="run nothing, summarise the runs there are"
    )
    parser.add_argument(
        "--docs",
        type=Path,
        metavar="FOLDER",
        help="where to write summary.md, runs.csv and cases.csv (default: --results)",
    )
    return parser


def campaign(arguments: Sequence[str]) -> int:
    options = campaign_parser().parse_args(arguments)

    # Late, so that --help and usage errors need nothing but Python itself.
    from ..journal import Journal, JournalError
    from .builds import CampaignError
    from .found import found_in
    from .run import RUNS, OtherCampaignError, run_campaign
    from .show import write_summary

    folder = options.results.absolute()
    parts = PARTS if options.only is None else (part_named(options.only),)
    try:
        if not options.show:
            wanted = {part: options.runs or part.runs for part in parts}
            run_campaign(ROOT, folder, wanted, options.minutes, _say)
        with Journal.resume(folder, RUNS) as journal:
            found = found_in(journal.entries)
            print(write_summary(journal.study, found, options.docs or folder), end="")
    except KeyboardInterrupt:
        _say("interrupted: the runs that ended are kept, called again it goes on")
        return _INTERRUPTED
    except (JournalError, OtherCampaignError) as error:
        _say(f"error: {error}")
        return 2
    except CampaignError as error:
        _say(f"error: {error}")
        return 1
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _say(f"error: {where}{error.strerror or error}")
        return 1
    return 0


def _say(text: str) -> None:
    from ..plain_text import one_line

    print(one_line(f"regress-campaign: {text}"), file=sys.stderr, flush=True)
