"""How far the study is, on standard error: a bar in a terminal, plain lines elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Column

_WIDTH_OF_COUNT = len("1000/1000")
_WIDTH_OF_TIME = len("about 10 min 10 s left")


class TimeLeft:
    """Foresees the rest of a plan: a case takes as long as it did last time, one that has not run
    yet as long as the others on average."""

    def __init__(self, plan: Sequence[str]) -> None:
        self._waiting = list(plan)
        self._last_s: dict[str, float] = {}

    def finished(self, case: str, took_s: float) -> None:
        self._waiting.remove(case)
        self._last_s[case] = took_s

    def seconds(self) -> float | None:
        if not self._last_s:
            return None
        average = sum(self._last_s.values()) / len(self._last_s)
        return sum(self._last_s.get(case, average) for case in self._waiting)

    def __str__(self) -> str:
        seconds = self.seconds()
        if seconds is None:
            return ""
        minutes, seconds = divmod(round(seconds), 60)
        return f"about {minutes} min {seconds} s left" if minutes else f"about {seconds:.0f} s left"


class Display(Protocol):
    """Told what happens, in turn: begin, then for each sample `starts` and `ends`, then end."""

    def begin(self, samples: int) -> None: ...
    def starts(self, case: str) -> None: ...
    def ends(self, case: str, took_s: float, left: TimeLeft) -> None: ...
    def message(self, text: str) -> None: ...
    def end(self) -> None: ...


class _CursorKept(Console):
    """rich hides the cursor while a bar is shown. Who is killed cannot bring it back."""

    def show_cursor(self, show: bool = True) -> bool:
        return False


class Bar:
    """Drawn between samples only: a bar that moves by itself would take time from a core that is
    being measured."""

    def __init__(self, stream: TextIO) -> None:
        self._console = _CursorKept(file=stream, highlight=False, soft_wrap=True)
        self._progress = Progress(
            BarColumn(),
            MofNCompleteColumn(table_column=_whole(_WIDTH_OF_COUNT)),
            TextColumn("{task.fields[left]}", table_column=_whole(_WIDTH_OF_TIME)),
            # A long name gives way to the others where the terminal is narrow.
            TextColumn(
                "{task.description}",
                markup=False,
                table_column=Column(no_wrap=True, overflow="ellipsis"),
            ),
            console=self._console,
            auto_refresh=False,
            transient=True,
        )

    def begin(self, samples: int) -> None:
        self._task = self._progress.add_task("", total=samples, left="")
        self._progress.start()

    def starts(self, case: str) -> None:
        self._progress.update(self._task, description=case, refresh=True)

    def ends(self, case: str, took_s: float, left: TimeLeft) -> None:
        self._progress.update(self._task, advance=1, left=str(left), refresh=True)

    def message(self, text: str) -> None:
        self._console.print(text, markup=False)

    def end(self) -> None:
        self._progress.stop()


def _whole(width: int) -> Column:
    return Column(no_wrap=True, min_width=width)


class PlainLines:
    """A line a sample, for logs; `tool` is who says it."""

    def __init__(self, stream: TextIO, tool: str = "study") -> None:
        self._stream = stream
        self._tool = tool
        self._samples = 0
        self._done = 0

    def begin(self, samples: int) -> None:
        self._samples = samples

    def starts(self, case: str) -> None:
        pass

    def ends(self, case: str, took_s: float, left: TimeLeft) -> None:
        self._done += 1
        self.message(f"{self._tool}: {self._done}/{self._samples} {case} {took_s:.1f} s, {left}")

    def message(self, text: str) -> None:
        print(text, file=self._stream, flush=True)

    def end(self) -> None:
        pass


def display_for(stream: TextIO, tool: str = "study") -> Display:
    return Bar(stream) if stream.isatty() else PlainLines(stream, tool)
