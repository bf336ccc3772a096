"""Fetches with httpx on asyncio: one client for all, and for each fetch a connection of its own."""

from __future__ import annotations

import httpx

from .jobs import Fetch
from .tls import trusting
from .work import JobError, check

_DEADLINE_S = 30


def open_client(ca: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        verify=trusting(ca),
        headers={"Connection": "close"},
        # As many at once as there are requests, and none kept for later ones.
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
        timeout=_DEADLINE_S,
        # Proxies and passwords of the environment are none of the origin's.
        trust_env=False,
    )


async def fetch_awaited(client: httpx.AsyncClient, fetch: Fetch) -> None:
    """Throws JobError. The name, which is not to be resolved, is sent and verified all the same."""
    try:
        response = await client.get(
            f"https://{fetch.address}:{fetch.port}{fetch.target}",
            headers={"Host": f"{fetch.host}:{fetch.port}"},
            extensions={"sni_hostname": fetch.host},
        )
    except httpx.HTTPError as error:
        raise JobError(f"{fetch.url}: {error or type(error).__name__}") from error
    check(fetch, response.status_code, len(response.content))
