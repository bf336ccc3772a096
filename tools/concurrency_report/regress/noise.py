"""How far base seems to be from itself: no change smaller than that is believed.

Pairs of base against itself are taken once for a machine, kind of build, workload and Python, and
kept.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..fingerprint import Fingerprint
from ..results import write
from .statistics import Floats, interval_bounds

PAIRS_OF_BASE = 16
_SCHEMA = 1
_DIGITS = 12


def floor_of_one(pairs: Floats) -> Floats:
    """Half the width of the 95 % interval of the Hodges-Lehmann estimate over pairs of base against
    itself (along the last axis), scaled to a single pair: it falls with the root of the number of
    pairs. 0 for what could not be measured."""
    low, high = interval_bounds(pairs)
    found: Floats = np.nan_to_num((high - low) / 2 * np.sqrt(pairs.shape[-1]))
    return found


@dataclass
class Noise:
    """`pairs` has each case's log-ratios of base to itself, (metric, pair); `spin_s` is what the
    loop that looks out for other work took undisturbed."""

    pairs: dict[str, Floats] = field(default_factory=dict)
    spin_s: float | None = None

    def floors(self, cases: Sequence[str], metrics: int) -> Floats:
        """(case, metric); none for a case that is not known."""
        return np.stack(
            [
                floor_of_one(self.pairs[case]) if case in self.pairs else np.zeros(metrics)
                for case in cases
            ]
        )


class NoiseFile:
    def __init__(self, folder: Path, fingerprint: Fingerprint, options: Sequence[str]) -> None:
        # The loop that looks out for other work is Python's, and as fast as this one runs it.
        key = json.dumps([sys.version, fingerprint.workload_digest, *options])
        workload = hashlib.sha256(key.encode()).hexdigest()[:_DIGITS]
        self.path = folder / f"{fingerprint.digest}-{workload}.json"
        self._fingerprint = fingerprint

    def read(self, metrics: int) -> Noise:
        """Empty where there is none that can be used: it is measured again then."""
        try:
            document = json.loads(self.path.read_text(encoding="utf-8"))
            return _parsed(document, metrics)
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return Noise()

    def write(self, noise: Noise) -> None:
        """All or nothing."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        cases = {
            case: [[None if np.isnan(each) else float(each) for each in row] for row in rows]
            for case, rows in noise.pairs.items()
        }
        document = {
            "schema": _SCHEMA,
            "measured_on": str(self._fingerprint),
            "spin_s": noise.spin_s,
            "pairs": cases,
        }
        write(document, self.path)  # type: ignore[arg-type]  # lists of numbers are JSON


def _parsed(document: Mapping[str, object], metrics: int) -> Noise:
    pairs, spin_s = document["pairs"], document["spin_s"]
    if document["schema"] != _SCHEMA or not isinstance(pairs, dict):
        raise ValueError("written by another version")
    found = {case: np.array(rows, dtype=float) for case, rows in pairs.items()}
    if any(rows.shape != (metrics, PAIRS_OF_BASE) for rows in found.values()):
        raise ValueError("other metrics")
    return Noise(found, float(spin_s) if isinstance(spin_s, int | float) else None)
