"""Stands in for bench in a soak: a document for each line, and what SOAKED_BENCH says goes wrong.

well        nothing
leaks       a descriptor more after each pass
zombies     a child that is not reaped after each pass
unexpected  in the third pass a case fails that should not
dies        in the third pass
hangs       in the third pass
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from concurrency_report.soak_faults import HARMLESS
from tests import samples

CASES = ("io_async/real_time", "cpu_async/real_time")
JOBS = 10


def row(case: str, faults: list[str], *, fails: bool) -> dict[str, Any]:
    harmful = [host for host, fault in enumerate(faults) if fault not in HARMLESS]
    if fails:
        return samples.failed_row(case, "job 0: 5 instead of 8; is the memory sound?")
    if case.startswith("io_") and harmful:
        more = f" (and {len(harmful) - 1} more of {JOBS} jobs)" if len(harmful) > 1 else ""
        return samples.failed_row(case, f"job {harmful[0]}: x: {faults[harmful[0]]}{more}; y")
    return samples.row(case)


def main() -> int:
    if "--benchmark_list_tests" in sys.argv:
        print("\n".join(CASES))
        return 0
    behaviour = os.environ["SOAKED_BENCH"]
    # Ends with this process, as the real one does, and is waited for: a new process bears its
    # parent's name for a moment, and a pass that ended by then would be one without an origin.
    origin = subprocess.Popen(
        [Path(sys.argv[1]).with_name("origin")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert origin.stdout is not None
    origin.stdout.readline()
    kept: list[Any] = [origin]
    for number, line in enumerate(sys.stdin, 1):
        faults = line.split(",") if (line := line.strip()) else []
        third = number == 3
        if third and behaviour == "dies":
            print("bench: a wild\x1b[2J pointer", file=sys.stderr, flush=True)
            os.kill(os.getpid(), signal.SIGSEGV)
        while third and behaviour == "hangs":
            time.sleep(60)
        if behaviour == "leaks":
            kept.append(os.open("/dev/null", os.O_RDONLY))
        if behaviour == "zombies" and os.fork() == 0:
            os._exit(0)
        fails = third and behaviour == "unexpected"
        rows = [row(case, faults, fails=fails and case.startswith("cpu_")) for case in CASES]
        document = {"context": {"schema_version": "1", "fetches": JOBS}, "benchmarks": rows}
        print(json.dumps(document, indent=2), flush=True)
    return 1


if __name__ == "__main__":
    sys.exit(main())
