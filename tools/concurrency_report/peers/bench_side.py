"""A side of a contest that bench, or bench_peers, runs: each run in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ..bench import Bench, shown
from ..origin import Origin
from ..plan import Run
from ..results import Json
from .contest import Figures, PeerError, Side
from .programs import Programs


@dataclass
class BenchSides:
    """Makes sides of one program's cases. `origin` is what they fetch from, None where options say
    it; `context` is what the program said of the machine and of itself, once something ran."""

    bench: Bench
    context: dict[str, Json] = field(default_factory=dict)

    def find(self, case: str, options: Sequence[str]) -> str | None:
        """The whole name of the first case that begins with `case`, None if there is none. Throws
        BenchError where the program does not take the options."""
        names = self.bench.cases(options)
        return next((name for name in names if f"{name}/".startswith(f"{case}/")), None)

    def counters(self, case: str, options: Sequence[str], origin: Origin | None) -> Figures:
        """Of one run of the case, which is named in full. Throws PeerError."""
        sample = self.bench.sample(Run(case, case, tuple(options)), origin)
        if sample.row.error is not None:
            raise PeerError(f"{self.bench.program.name} {shown(case)}: {sample.row.error}")
        self.context.update(sample.context or {})
        return sample.row.counters

    def side(
        self,
        case: str,
        options: Sequence[str],
        origin: Origin | None,
        figures: Callable[[Figures], Figures] = lambda counters: counters,
    ) -> Side:
        """`figures` makes them of the counters of a run."""

        def run() -> Figures:
            return figures(self.counters(case, options, origin))

        return Side(shown(case), run)

    def program(
        self, case: str, options: Sequence[str], origin: Origin, programs: Programs
    ) -> Side:
        """All that a process costs that runs the case once."""
        command = [
            *(str(self.bench.program), *self.bench.defaults, *options, *origin.options("https")),
            *(f"--benchmark_filter=^{case}$", "--benchmark_min_time=0"),
        ]
        name = f"{shown(case)}, whole program"
        return Side(name, lambda: programs.run(command).figures)


def of_fetches(count: int) -> Callable[[Figures], Figures]:
    """Adds what a fetch costs to the counters of a run of so many."""

    def figures(counters: Figures) -> Figures:
        return {
            **counters,
            "cpu_per_fetch_s": (counters["user_s"] + counters["sys_s"]) / count,
            "fetches_per_second": count / counters["wall_s"],
        }

    return figures
