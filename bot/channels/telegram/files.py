"""Files people sent to the bot (https://core.telegram.org/bots/api#getfile): 20 MB at most."""

from __future__ import annotations

import asyncio

import structlog
from telegram import Bot
from telegram.error import BadRequest, TelegramError

from bot.domain.pictures import PictureFault
from bot.pictures.opening import BYTES_MOST
from bot.services.pictures import NotFetched

log = structlog.get_logger(__name__)

_TRIES = 2
_PAUSE = 0.5


class TelegramFiles:
    """Fetches files by their file_id."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    async def fetch(self, file_id: str, most: int = BYTES_MOST) -> bytes:
        """The bytes of a file, if it has `most` at most. NotFetched."""
        for again in range(_TRIES):
            try:
                return await self._fetch(file_id, most)
            except BadRequest as error:
                # "file is too big", or an id that is not one: another try changes nothing.
                big = "too big" in error.message.lower()
                fault = PictureFault.TOO_BIG if big else PictureFault.NOT_FETCHED
                raise NotFetched(fault) from error
            except TelegramError as error:
                log.info("file not fetched", error=type(error).__name__, again=again == 0)
                await asyncio.sleep(_PAUSE)
        raise NotFetched

    async def _fetch(self, file_id: str, most: int) -> bytes:
        file = await self._bot.get_file(file_id)
        if (file.file_size or 0) > most:
            raise NotFetched(PictureFault.TOO_BIG)
        return bytes(await file.download_as_bytearray())
