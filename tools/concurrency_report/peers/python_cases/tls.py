"""Whom to trust, read once for all connections, as our own client does."""

from __future__ import annotations

import functools
import ssl


@functools.cache
def trusting(ca: str) -> ssl.SSLContext:
    """A context that verifies chain and host name against the authorities in the file alone."""
    return ssl.create_default_context(cafile=ca)
