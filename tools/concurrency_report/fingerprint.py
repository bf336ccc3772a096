"""Which machine, build and workload results come from: figures compare only where these agree."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from .results import Json

# Keys of the context that bench writes. No host's name: the machines that continuous integration
# hands out have a new one each time, and are alike all the same. No commit: that is what differs.
_MACHINE = ("cpu_model", "num_cpus", "usable_cores", "kernel")
_BUILD = (
    *("compiler", "compiler_flags", "hardening_flags", "build_type", "library_build_type"),
    *("boost_version", "openssl_version", "google_benchmark_version", "event_loop"),
)
_WORKLOAD = ("source", "scheme", "latency_scale", "fetches", "fibonacci", "in_flight", "deadline_s")
_DIGITS = 12


@dataclass(frozen=True)
class Fingerprint:
    """What the context said of each; what it did not say is left out."""

    machine: Mapping[str, Json]
    build: Mapping[str, Json]
    workload: Mapping[str, Json]

    @property
    def digest(self) -> str:
        """Of machine and build: twelve hexadecimal digits, the same on every system."""
        return _digest({**self.machine, **self.build})

    @property
    def workload_digest(self) -> str:
        return _digest(self.workload)

    def __str__(self) -> str:
        """Machine and build in a line, for people."""
        cores = self.machine.get("usable_cores")
        compiler = [self.build.get("compiler"), self.build.get("compiler_flags")]
        parts = [
            self.machine.get("cpu_model"),
            cores and f"{cores} usable core{'' if cores == 1 else 's'}",
            self.machine.get("kernel"),
            " ".join(str(part) for part in compiler if part),
            self._labelled("{} build", "build_type"),
            self._labelled("Boost {}", "boost_version"),
            self.build.get("openssl_version"),
        ]
        return ", ".join(str(part) for part in parts if part)

    def _labelled(self, text: str, key: str) -> str | None:
        return text.format(self.build[key]) if key in self.build else None

    def differences(self, other: Fingerprint) -> dict[str, str]:
        """The keys in which machine, build or workload differ, each with both values in words;
        empty if figures of the two compare."""
        mine = {**self.machine, **self.build, **self.workload}
        others = {**other.machine, **other.build, **other.workload}
        return {
            key: f"{_shown(mine.get(key))} and {_shown(others.get(key))}"
            for key in (*_MACHINE, *_BUILD, *_WORKLOAD)
            if mine.get(key) != others.get(key)
        }


def fingerprint(context: Mapping[str, Json]) -> Fingerprint:
    return Fingerprint(
        *(
            {key: context[key] for key in keys if key in context}
            for keys in (_MACHINE, _BUILD, _WORKLOAD)
        )
    )


def _digest(values: Mapping[str, Json]) -> str:
    text = json.dumps(values, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def _shown(value: Json) -> str:
    return "unknown" if value is None else str(value)
