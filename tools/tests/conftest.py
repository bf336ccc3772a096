"""How many examples property-based tests try: few and the same in each run, or with
`--hypothesis-profile long`, as tools/properties asks for, many and new ones."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile(
    "short",
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=200,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "long",
    settings.get_profile("short"),
    derandomize=False,
    max_examples=10_000,
    print_blob=True,
)
settings.load_profile("short")
