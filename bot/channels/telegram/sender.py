"""From a reply to Bot API calls."""

from __future__ import annotations

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.error import TelegramError

from bot.channels.telegram.client import translate
from bot.channels.telegram.photos import CAPTION_MOST, Photos
from bot.domain.alerts import AlertPhoto
from bot.domain.replies import PaymentPicture, Reply, StepPicture
from bot.errors import Rejected
from bot.renderers.text import split_text, utf16_length
from bot.store.inbox import ChatKey

#: https://core.telegram.org/bots/api#sendmessage, #inlinekeyboardbutton
TEXT_MOST = 4096
DATA_MOST = 64
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class TelegramSender:
    """Sends replies with inline buttons. Previews are off: the platform must not visit links."""

    def __init__(self, bot: Bot, photos: Photos) -> None:
        self._bot = bot
        self._photos = photos

    async def send(self, key: ChatKey, reply: Reply) -> str | None:
        """Send; the id of the last bubble. Raises ChannelError."""
        if reply.payment is not None:
            return await self._payment(key, reply, reply.payment)
        if reply.photo is not None:
            return await self._alert(key, reply, reply.photo)
        if reply.picture is None:
            return await self._text(key, reply)
        sent = await self._pictured(key, reply, reply.picture)
        if sent is None:
            sent = await self._text(key, reply)
        self._photos.done(key, reply.picture)
        return sent

    async def alive(self) -> None:
        """Ask the platform for something that changes nothing. Raises ChannelError."""
        try:
            await self._bot.get_me()
        except TelegramError as error:
            raise translate(error) from error

    async def _payment(self, key: ChatKey, reply: Reply, picture: PaymentPicture) -> str | None:
        """The code first: when it cannot be sent, the text must not say that it is here."""
        if utf16_length(reply.text) <= CAPTION_MOST:
            return await self._photos.payment(key, picture, reply.text, keyboard(reply))
        await self._photos.payment(key, picture, None, None)
        return await self._text(key, reply)

    async def _alert(self, key: ChatKey, reply: Reply, photo: AlertPhoto) -> str | None:
        """The words matter: a picture that fails, or has no room for them, is left out."""
        if utf16_length(reply.text) <= CAPTION_MOST:
            sent = await self._photos.alert(key, photo, reply.text, keyboard(reply))
            if sent is not None:
                return sent
        return await self._text(key, reply)

    async def _pictured(self, key: ChatKey, reply: Reply, picture: StepPicture) -> str | None:
        """The picture, with the text below it where that fits; the id when all is said."""
        if utf16_length(reply.text) <= CAPTION_MOST:
            return await self._photos.send(key, picture, reply.text, keyboard(reply))
        # The buttons belong under what is read last.
        await self._photos.send(key, picture, None, None)
        return None

    async def _text(self, key: ChatKey, reply: Reply) -> str | None:
        parts = split_text(reply.text, TEXT_MOST)
        external_id: str | None = None
        for number, part in enumerate(parts, 1):
            markup = keyboard(reply) if number == len(parts) else None
            external_id = await self._one(key, part, markup)
        return external_id

    async def _one(self, key: ChatKey, text: str, markup: InlineKeyboardMarkup | None) -> str:
        try:
            message = await self._bot.send_message(
                int(key.external_id),
                text,
                reply_markup=markup,
                link_preview_options=_NO_PREVIEW,
            )
        except TelegramError as error:
            raise translate(error) from error
        return str(message.message_id)


def keyboard(reply: Reply) -> InlineKeyboardMarkup | None:
    """One button a row: long Vietnamese labels stay readable on a small phone."""
    if not reply.choices:
        return None
    for choice in reply.choices:
        if len(choice.id.encode()) > DATA_MOST:
            raise Rejected(f"a choice id is over {DATA_MOST} bytes: {choice.id[:20]}…")
    rows = [[InlineKeyboardButton(c.label, callback_data=c.id)] for c in reply.choices]
    return InlineKeyboardMarkup(rows)
