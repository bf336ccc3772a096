"""Stands in for bench: lists the cases of a plan and does with each what the plan says.

Run as a program by study_test.py; the plan is the JSON file that FAKE_BENCH_PLAN names:
  cases     names in order, each with a behaviour of `BEHAVIOURS`
  listing   {"status": n, "stderr": text} for --benchmark_list_tests that fails
  log       file to which every call appends its arguments and the processors it may use
  alive     FIFO that a hanging case and its own child hold open for as long as they live
"""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from concurrency_report.child_setup import child_setup
from tests import samples


def option(name: str) -> str | None:
    """The last one given counts, as with Google Benchmark."""
    found = [a.partition("=")[2] for a in sys.argv[1:] if a.startswith(f"--{name}=")]
    return found[-1] if found else None


def write(text: str) -> None:
    out = option("benchmark_out")
    assert out is not None
    Path(out).write_text(text)
    if trace := option("trace"):
        Path(trace).write_text('{"traceEvents": []}')


def succeed(plan: dict[str, Any], case: str) -> None:
    number = list(plan["cases"]).index(case) + 1
    label = f"case {number:02}" if "--study" in sys.argv else ""
    write(samples.text(samples.row(case, label)))


def fail(_plan: dict[str, Any], case: str) -> None:
    write(samples.text(samples.failed_row(case, "job 3: connection refused")))
    sys.exit(1)


def fail_without_results(_plan: dict[str, Any], _case: str) -> None:
    print("bench: warming up\nbench: the origin did not start", file=sys.stderr)
    sys.exit(1)


def crash(_plan: dict[str, Any], _case: str) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def truncate(_plan: dict[str, Any], case: str) -> None:
    write(samples.text(samples.row(case))[:-40])


def write_nan(_plan: dict[str, Any], case: str) -> None:
    write(samples.text(samples.row(case, user_s=float("nan"))))


def write_another_version(_plan: dict[str, Any], case: str) -> None:
    write(samples.text(samples.row(case), schema_version="2"))


def write_another_case(_plan: dict[str, Any], _case: str) -> None:
    write(samples.text(samples.row("cpu_other")))


def succeed_then_hang(plan: dict[str, Any], case: str) -> None:
    """In the first round only, which is the one for warming up."""
    if option("trace"):
        succeed(plan, case)
    else:
        wait_for_a_signal(plan)


def fill_up(plan: dict[str, Any], case: str) -> None:
    """As if the journal's disk were full from then on: nothing can be appended any more."""
    succeed(plan, case)
    for journal in Path(plan["results"]).glob("*/samples.jsonl"):
        limit = journal.stat().st_size
        resource.prlimit(os.getppid(), resource.RLIMIT_FSIZE, (limit, limit))


def hang(plan: dict[str, Any], _case: str) -> NoReturn:
    wait_for_a_signal(plan)


def hang_deaf(plan: dict[str, Any], _case: str) -> NoReturn:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    wait_for_a_signal(plan)


def wait_for_a_signal(plan: dict[str, Any]) -> NoReturn:
    # Opening it tells the test that this case hangs now, its end of file that all of it is gone.
    alive = os.open(plan["alive"], os.O_WRONLY)
    end_with_parent = child_setup()
    if os.fork() == 0:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        end_with_parent()  # as bench's own workers do
    os.write(alive, b"x")
    while True:
        signal.pause()


BEHAVIOURS: dict[str, Callable[[dict[str, Any], str], None]] = {
    behaviour.__name__: behaviour
    for behaviour in (
        succeed,
        fail,
        fail_without_results,
        crash,
        truncate,
        write_nan,
        write_another_version,
        write_another_case,
        succeed_then_hang,
        fill_up,
        hang,
        hang_deaf,
    )
}


def main() -> None:
    plan = json.loads(Path(os.environ["FAKE_BENCH_PLAN"]).read_text())
    with Path(plan["log"]).open("a") as log:
        processors = sorted(os.sched_getaffinity(0))
        print(json.dumps({"arguments": sys.argv[1:], "processors": processors}), file=log)
    matching = [
        case for case in plan["cases"] if re.search(option("benchmark_filter") or ".", case)
    ]
    if "--benchmark_list_tests" in sys.argv:
        if "listing" in plan:
            print(plan["listing"]["stderr"], file=sys.stderr)
            sys.exit(plan["listing"]["status"])
        if not matching and option("benchmark_filter"):
            print("bench: --benchmark_filter: matches no case", file=sys.stderr)
            sys.exit(2)
        print("\n".join(matching))
        return
    for case in matching:
        BEHAVIOURS[plan["cases"][case]](plan, case)


if __name__ == "__main__":
    main()
