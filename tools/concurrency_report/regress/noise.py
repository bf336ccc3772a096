"""How far base seems to be from itself: no change smaller than that is believed."""

from __future__ import annotations

from typing import cast

import numpy as np

from .statistics import Floats, interval_bounds

PAIRS_OF_BASE = 16


def floor_of_one(pairs: Floats) -> Floats:
    """Half the width of the 95 % interval of the Hodges-Lehmann estimate over pairs of base against
    itself (along the last axis), scaled to a single pair: it falls with the root of the number of
    pairs."""
    low, high = interval_bounds(pairs)
    return cast(Floats, (high - low) / 2 * np.sqrt(pairs.shape[-1]))
