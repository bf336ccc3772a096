"""Fetches with requests: a session for each thread, and for each fetch a connection of its own."""

from __future__ import annotations

import threading
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from .jobs import Fetch
from .tls import trusting
from .work import JobError

_DEADLINE_S = 30

_of_this_thread = threading.local()


class _OriginAdapter(HTTPAdapter):
    """Connects to where the origin listens, whatever the URL's host, whose name is sent and
    verified all the same: names are resolved before anything is measured here as well."""

    def __init__(self, address: str, ca: str) -> None:
        self._address = address
        self._ca = ca
        super().__init__()

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> tuple[Any, Any]:
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        name = host["host"]
        tls = {"server_hostname": name, "assert_hostname": name, "ssl_context": trusting(self._ca)}
        return host | {"host": self._address}, pool | tls


def get(fetch: Fetch) -> tuple[int, int]:
    """Status, and bytes of body. Throws JobError."""
    try:
        response = _session(fetch).get(fetch.url, verify=fetch.ca, timeout=_DEADLINE_S)
    except requests.RequestException as error:
        raise JobError(f"{fetch.url}: {error}") from error
    return response.status_code, len(response.content)


def _session(fetch: Fetch) -> requests.Session:
    session: requests.Session | None = getattr(_of_this_thread, "session", None)
    if session is None:
        session = requests.Session()
        # Proxies and passwords of the environment are none of the origin's.
        session.trust_env = False
        session.headers["Connection"] = "close"
        session.mount("https://", _OriginAdapter(fetch.address, fetch.ca))
        _of_this_thread.session = session
    return session
