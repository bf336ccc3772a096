"""What is done in a child before it becomes another program, and the processors it may use."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable, Sequence

_PR_SET_PDEATHSIG = 1
# Looked up now: between fork and exec there is no time for more than the call.
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


def usable_processors() -> list[int] | None:
    """The numbers of those that this process may use, ascending; None where the system has no
    notion of it."""
    if not hasattr(os, "sched_getaffinity"):
        return None
    return sorted(os.sched_getaffinity(0))


def child_setup(processors: Sequence[int] | None = None) -> Callable[[], None]:
    """For subprocess's preexec_fn: keeps the child on these processors, None for any, and on Linux
    has it end with its parent, however that ends. Must be made in the parent."""
    parent = os.getpid()

    def set_up() -> None:
        if processors is not None:
            os.sched_setaffinity(0, processors)
        if _prctl is not None:
            _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            # It may have been gone before that.
            if os.getppid() != parent:
                os._exit(1)

    return set_up
