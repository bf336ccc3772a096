"""What jobs are made of, done and checked."""

from __future__ import annotations

from .jobs import Fetch, Job


class JobError(Exception):
    """A job failed, or came to a wrong result; its text is one line that names what it was at."""


def fibonacci(n: int) -> int:
    """Naive on purpose: it is work for a processor."""
    return 1 if n <= 2 else fibonacci(n - 1) + fibonacci(n - 2)


def compute(n: int) -> None:
    number = fibonacci(n)
    if number != _fibonacci_by_steps(n):
        raise JobError(f"fibonacci({n}) is not {number}")


def fetch_blocking(fetch: Fetch) -> None:
    # Late, so that a case that never fetches so does without the library's memory.
    from .blocking_client import get

    check(fetch, *get(fetch))


def run_blocking_step(job: Job) -> None:
    if isinstance(job.blocking, Fetch):
        fetch_blocking(job.blocking)
    elif job.blocking is not None:
        compute(job.blocking)


def run_blocking(job: Job) -> None:
    """Both halves, with blocking calls."""
    if job.request is not None:
        fetch_blocking(job.request)
    run_blocking_step(job)


def check(fetch: Fetch, status: int, size: int) -> None:
    if status != 200:
        raise JobError(f"{fetch.url}: answered with status {status}")
    if size != fetch.size:
        raise JobError(f"{fetch.url}: sent {size} bytes instead of {fetch.size}")


def _fibonacci_by_steps(n: int) -> int:
    previous, number = 0, 1
    for _ in range(n - 1):
        previous, number = number, previous + number
    return number
