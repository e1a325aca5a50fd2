"""The program ends while a job runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.logs import of_a_fault


class Heard(logging.Handler):
    """Keeps the first line that is logged."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.line: asyncio.Future[logging.LogRecord] = asyncio.get_running_loop().create_future()

    def emit(self, record: logging.LogRecord) -> None:
        """A line."""
        if not self.line.done():
            self.line.set_result(record)


@contextmanager
def listening() -> Iterator[Heard]:
    """What APScheduler logs of a job."""
    handler, logger = Heard(), logging.getLogger("apscheduler.executors.default")
    logger.addHandler(handler)
    try:
        yield handler
    finally:
        logger.removeHandler(handler)


@pytest.mark.parametrize("fails", [False, True])
async def test_a_job_cut_off_by_the_end_is_no_fault(*, fails: bool) -> None:
    begun = asyncio.Event()

    async def job() -> None:
        begun.set()
        if fails:
            raise ValueError
        await asyncio.Event().wait()

    scheduler = AsyncIOScheduler(timezone="Asia/Ho_Chi_Minh")
    with listening() as heard:
        scheduler.add_job(job)
        scheduler.start()
        await asyncio.wait_for(begun.wait(), 10)
        scheduler.shutdown(wait=False)
        assert of_a_fault(await asyncio.wait_for(heard.line, 10)) is fails
