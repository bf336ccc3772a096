"""The study's execution models: each a way to run the same jobs on so many cores, after which pools
have their sizes, those that concurrent.futures gives them by default. All throw JobError."""

from __future__ import annotations

import asyncio
import multiprocessing
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor

from .jobs import Job
from .work import JobError, run_blocking, run_blocking_step

Model = Callable[[Sequence[Job], int], None]

# The cheapest way to start a process, and what the study had; later Pythons have another default.
_FORK = multiprocessing.get_context("fork")


def _thread_pool(cores: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=min(32, cores + 4))


def _process_pool(cores: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(max_workers=cores, mp_context=_FORK)


def sequential(jobs: Sequence[Job], _cores: int) -> None:
    for job in jobs:
        run_blocking(job)


def threads(jobs: Sequence[Job], _cores: int) -> None:
    failures: list[JobError] = []

    def run(job: Job) -> None:
        try:
            run_blocking(job)
        except JobError as error:
            failures.append(error)

    workers = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if failures:
        raise failures[0]


def processes(jobs: Sequence[Job], _cores: int) -> None:
    workers = [_FORK.Process(target=run_blocking, args=(job,)) for job in jobs]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    for number, worker in enumerate(workers, 1):
        if worker.exitcode != 0:
            raise JobError(f"job {number}: its process ended with {worker.exitcode}, see above")


def thread_pool(jobs: Sequence[Job], cores: int) -> None:
    with _thread_pool(cores) as pool:
        list(pool.map(run_blocking, jobs))


def process_pool(jobs: Sequence[Job], cores: int) -> None:
    with _process_pool(cores) as pool:
        list(pool.map(run_blocking, jobs))


def async_(jobs: Sequence[Job], _cores: int) -> None:
    asyncio.run(_all_at_once(jobs, None))


def async_sequential(jobs: Sequence[Job], _cores: int) -> None:
    asyncio.run(_one_by_one(jobs))


def async_thread_pool(jobs: Sequence[Job], cores: int) -> None:
    with _thread_pool(cores) as pool:
        asyncio.run(_all_at_once(jobs, pool))


def async_process_pool(jobs: Sequence[Job], cores: int) -> None:
    with _process_pool(cores) as pool:
        asyncio.run(_all_at_once(jobs, pool))


async def _all_at_once(jobs: Sequence[Job], pool: Executor | None) -> None:
    """Blocking steps go to the pool, or are run on the event loop, which they stall."""
    from .async_client import fetch_awaited, open_client

    loop = asyncio.get_running_loop()

    async def run(job: Job) -> None:
        if job.request is not None:
            await fetch_awaited(client, job.request)
        if pool is None:
            run_blocking_step(job)
        else:
            await loop.run_in_executor(pool, run_blocking_step, job)

    async with open_client(_authorities(jobs)) as client:
        await asyncio.gather(*map(run, jobs))


async def _one_by_one(jobs: Sequence[Job]) -> None:
    from .async_client import fetch_awaited, open_client

    async with open_client(_authorities(jobs)) as client:
        for job in jobs:
            if job.request is not None:
                await fetch_awaited(client, job.request)
            run_blocking_step(job)


def _authorities(jobs: Sequence[Job]) -> str:
    return next(job.request.ca for job in jobs if job.request is not None)
