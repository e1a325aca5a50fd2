"""A reply's picture as a Telegram photo (https://core.telegram.org/bots/api#sendphoto).

A picture is uploaded once; afterwards Telegram's own id of it is sent. The text matters more: what
keeps a picture from being sent lets the text go alone.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TypeVar

import structlog
from telegram import Bot, InlineKeyboardMarkup, Message
from telegram.error import TelegramError

from bot.cards.errors import CardError
from bot.channels.telegram.client import translate
from bot.channels.telegram.updates import CHANNEL
from bot.domain.alerts import AlertPhoto
from bot.domain.replies import PaymentPicture, StepPicture
from bot.errors import NotSent, Rejected, Uncertain
from bot.services.cards import Cards
from bot.services.metrics import Metrics
from bot.store.inbox import ChatKey

log = structlog.get_logger(__name__)

K = TypeVar("K")
V = TypeVar("V")

#: https://core.telegram.org/bots/api#sendphoto, after entities are parsed; none are used here.
CAPTION_MOST = 1024
_REMEMBER = 2000


class Photos:
    """Sends pictures, and remembers what the platform calls them."""

    def __init__(self, bot: Bot, cards: Cards, metrics: Metrics) -> None:
        self._bot = bot
        self._cards = cards
        self._count = metrics.pictures
        self._known: OrderedDict[str, str] = OrderedDict()
        #: Pictures that are there already, or may be, while the text is still to come.
        self._text_only: OrderedDict[tuple[str, str], None] = OrderedDict()

    async def send(
        self,
        key: ChatKey,
        picture: StepPicture,
        caption: str | None,
        markup: InlineKeyboardMarkup | None,
    ) -> str | None:
        """Send a picture; the message's id, or None when the text must go without it.

        Raises the ChannelErrors after which the text would fare no better, or might be doubled.
        """
        digest = self._cards.show(picture).digest
        if (key.external_id, digest) in self._text_only:
            return None
        try:
            message = await self._photo(int(key.external_id), digest, caption, markup)
        except Uncertain:
            # It is tried again: then as text, since an upload may never get through.
            self._count.labels(CHANNEL, "failed").inc()
            _remember(self._text_only, (key.external_id, digest), None)
            raise
        except (CardError, NotSent, Rejected) as error:
            self._count.labels(CHANNEL, "failed").inc()
            log.warning("picture not sent", error=str(error)[:80])
            return None
        self._count.labels(CHANNEL, "sent").inc()
        if caption is None:
            _remember(self._text_only, (key.external_id, digest), None)
        return str(message.message_id)

    async def payment(
        self,
        key: ChatKey,
        picture: PaymentPicture,
        caption: str | None,
        markup: InlineKeyboardMarkup | None,
    ) -> str:
        """Send a seller's payment code; the message's id. Nothing of it is remembered.

        Raises ChannelError: Rejected when it cannot be drawn.
        """
        try:
            png = await self._cards.payment(picture)
        except CardError as error:
            self._count.labels(CHANNEL, "failed").inc()
            raise Rejected("a payment code cannot be drawn") from error
        message = await self._call(int(key.external_id), png, caption, markup)
        self._count.labels(CHANNEL, "sent").inc()
        return str(message.message_id)

    async def alert(
        self,
        key: ChatKey,
        photo: AlertPhoto,
        caption: str,
        markup: InlineKeyboardMarkup | None,
    ) -> str | None:
        """Send an alert's picture with its text; the message's id, None when only the text can go.

        Uploaded once; the others are sent Telegram's own id of it.
        """
        name = f"alert:{photo.alert_id}"
        if (key.external_id, name) in self._text_only:
            return None
        chat, known = int(key.external_id), self._known.get(name)
        try:
            picture = known or await self._cards.alert(photo.alert_id)
            if picture is None:
                return None
            message = await self._call(chat, picture, caption, markup)
        except Uncertain:
            self._count.labels(CHANNEL, "failed").inc()
            _remember(self._text_only, (key.external_id, name), None)
            raise
        except (NotSent, Rejected) as error:
            self._count.labels(CHANNEL, "failed").inc()
            self._known.pop(name, None)
            log.warning("picture not sent", error=str(error)[:80])
            return None
        self._count.labels(CHANNEL, "sent").inc()
        if message.photo:
            _remember(self._known, name, message.photo[-1].file_id)
        return str(message.message_id)

    def done(self, key: ChatKey, picture: StepPicture) -> None:
        """The text that belongs to the picture has been sent too."""
        self._text_only.pop((key.external_id, self._cards.show(picture).digest), None)

    async def _photo(
        self, chat: int, digest: str, caption: str | None, markup: InlineKeyboardMarkup | None
    ) -> Message:
        known = self._known.get(digest)
        if known is not None:
            try:
                return await self._call(chat, known, caption, markup)
            except Rejected:
                # Ids are for one bot, and may end: upload it again.
                self._known.pop(digest, None)
        png = await self._cards.png(digest)
        message = await self._call(chat, png, caption, markup)
        if message.photo:
            _remember(self._known, digest, message.photo[-1].file_id)
        return message

    async def _call(
        self,
        chat: int,
        photo: str | bytes,
        caption: str | None,
        markup: InlineKeyboardMarkup | None,
    ) -> Message:
        try:
            return await self._bot.send_photo(chat, photo, caption=caption, reply_markup=markup)
        except TelegramError as error:
            raise translate(error) from error


def _remember(found: OrderedDict[K, V], key: K, value: V) -> None:
    """Keep a value, and forget the oldest beyond a number."""
    found[key] = value
    found.move_to_end(key)
    while len(found) > _REMEMBER:
        found.popitem(last=False)
