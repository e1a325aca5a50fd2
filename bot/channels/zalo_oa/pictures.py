"""A reply's picture as Zalo wants it: uploaded first, a megabyte at most, then sent by name.

A name works for seven days; step cards and alerts' pictures are uploaded once in six.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from datetime import datetime, timedelta

from bot.channels.zalo_oa.client import OaClient
from bot.domain.channels import ZALO_OA
from bot.domain.replies import Reply
from bot.errors import Rejected
from bot.pictures.errors import PictureError
from bot.pictures.shrink import shrink
from bot.services.cards import Cards
from bot.services.runtime import Runtime

BYTES_MOST = 1_000_000
_KNOWN_FOR = timedelta(days=6)
_REMEMBER = 2_000
_PNG, _JPEG = "image/png", "image/jpeg"


class OaPictures:
    """Uploads pictures, and remembers what Zalo calls them."""

    def __init__(self, runtime: Runtime, client: OaClient, cards: Cards) -> None:
        self._runtime = runtime
        self._client = client
        self._cards = cards
        self._known: OrderedDict[str, tuple[str, datetime]] = OrderedDict()

    async def name_of(self, reply: Reply) -> str | None:
        """What Zalo calls the picture; None when there is none (any more). CardError, ChannelError.

        A seller's payment code is remembered nowhere.
        """
        name = None
        if reply.payment is not None:
            name = await self._upload(await self._cards.payment(reply.payment))
        elif reply.picture is not None:
            digest = self._cards.show(reply.picture).digest
            name = self._remembered(digest)
            if name is None:
                name = await self._upload(await self._cards.png(digest))
                self._remember(digest, name)
        elif reply.photo is not None:
            key = f"alert:{reply.photo.alert_id}"
            name = self._remembered(key)
            if name is None:
                picture = await self._cards.alert(reply.photo.alert_id)
                if picture is None:
                    return None
                name = await self._upload(picture)
                self._remember(key, name)
        if name is not None:
            self._runtime.metrics.pictures.labels(ZALO_OA, "sent").inc()
        return name

    async def _upload(self, picture: bytes) -> str:
        kind = _PNG if picture.startswith(b"\x89PNG") else _JPEG
        if len(picture) > BYTES_MOST:
            try:
                picture, kind = (await asyncio.to_thread(shrink, picture)).data, _JPEG
            except PictureError as error:
                raise Rejected("a picture cannot be made small") from error
        if len(picture) > BYTES_MOST:
            raise Rejected("a picture is over a megabyte")
        return await self._client.upload(picture, kind)

    def _remembered(self, key: str) -> str | None:
        name, until = self._known.get(key, ("", None))
        return name if until is not None and until > self._runtime.now() else None

    def _remember(self, key: str, name: str) -> None:
        self._known[key] = (name, self._runtime.now() + _KNOWN_FOR)
        self._known.move_to_end(key)
        while len(self._known) > _REMEMBER:
            self._known.popitem(last=False)
