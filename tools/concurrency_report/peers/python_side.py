"""A side of a contest that is one of the Python cases, each run in a fresh interpreter."""

from __future__ import annotations

import importlib.util
import json
import sys
from dataclasses import dataclass

from ..origin import Origin
from .contest import Figures, PeerError, Side
from .programs import Programs

_LIBRARIES = ("httpx", "requests")
_MODULE = f"{__package__}.python_cases"


@dataclass(frozen=True)
class PythonSides:
    """`options` are --fibonacci and --latency-scale, as bench takes them, too."""

    programs: Programs
    origin: Origin
    cores: int
    options: tuple[str, ...]

    def program(self, case: str) -> Side:
        """All that a process of it costs, which makes no unmeasured run first."""
        command = [*self._command(case), "--cold"]
        return Side("Python, whole program", lambda: self.programs.run(command).figures)

    def side(self, case: str) -> Side:
        def run() -> Figures:
            output = self.programs.run(self._command(case)).output
            try:
                figures: Figures = json.loads(output)
            except ValueError as error:
                raise PeerError(f"python {case}: wrote no figures") from error
            return figures

        return Side("Python", run)

    def _command(self, case: str) -> list[str]:
        return [
            *(sys.executable, "-m", _MODULE, case, "--cores", str(self.cores)),
            *("--port", str(self.origin.port("https")), "--ca", str(self.origin.authority)),
            *self.options,
        ]


def missing_libraries() -> list[str]:
    return [name for name in _LIBRARIES if importlib.util.find_spec(name) is None]
