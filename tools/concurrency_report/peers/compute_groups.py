"""Contests of computing, and of the study's cases, which compute and fetch."""

from __future__ import annotations

from collections.abc import Iterator

from ..results import case_of
from .contest import PROGRAM_CPU, PROGRAM_WALL, Column, Contest, Quantity, costs
from .python_side import PythonSides, missing_libraries
from .setting import Missing, Setting, not_built

_PYTHON_CPU = 1 / 12
_STANDARD = "cpu_std_async/"  # which takes no library of others
# As the study's author measured, with /usr/bin/time.
_WHOLE = (
    Quantity(Column.WALL, PROGRAM_WALL, bound=1),
    Quantity(Column.CPU, PROGRAM_CPU, bound=_PYTHON_CPU),
)


def cpu(setting: Setting) -> Iterator[Contest | Missing]:
    """Fibonacci numbers, on as many workers as cores or in a task for each."""
    if setting.peers is None:
        yield not_built("cpu")
        return
    options = ("--workers", str(setting.cores))
    own = {case_of(name) for name in setting.ours.bench.cases()}
    pool = f"/workers:{setting.cores}"
    others = False
    for name in setting.peers.bench.cases(options):
        is_pool = "/workers:" in name
        if case_of(name) in own or not name.startswith("cpu_"):
            continue
        if is_pool and f"{pool}/" not in name:
            continue
        ours = setting.peers.find(f"cpu_thread_pool{pool}" if is_pool else "cpu_threads", options)
        if ours is not None:
            others = others or not name.startswith(_STANDARD)
            yield Contest(
                "cpu",
                setting.peers.side(ours, options, setting.origin),
                setting.peers.side(name, options, setting.origin),
                costs(),
            )
    if not others:
        yield Missing("cpu", "oneTBB, OpenMP and the like: bench_peers was built with none of them")


def python(setting: Setting) -> Iterator[Contest | Missing]:
    """The study's 18 cases."""
    if missing := missing_libraries():
        yield Missing("python", f"the Python cases: {' and '.join(missing)} not installed")
        return
    theirs = PythonSides(setting.programs, setting.origin, setting.cores, setting.study_options)
    options = ("--study", *setting.study_options)
    for name in setting.ours.bench.cases(options):
        case = case_of(name)
        asked = (
            costs(wall=1, cpu=_PYTHON_CPU, memory=1 / 3) if case == "io_async" else costs(wall=1)
        )
        ours = setting.ours.side(name, options, setting.origin)
        yield Contest("python", ours, theirs.side(case), asked)
        if case == "io_async":
            yield Contest(
                "python",
                setting.ours.program(name, options, setting.origin, setting.programs),
                theirs.program(case),
                _WHOLE,
            )
