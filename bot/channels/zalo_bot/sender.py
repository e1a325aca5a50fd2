"""From a reply to Bot API calls: texts with numbered choices, and pictures by their address.

The platform fetches a picture itself, so a picture goes out only where this server has an address
that others reach; what a picture says, its text says as well. A payment code has no address on
purpose: it is drawn once and kept nowhere.
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from collections.abc import Callable
from urllib.parse import urlsplit

import structlog

from bot.channels.zalo_bot.client import ZaloBotClient
from bot.domain.channels import ZALO_BOT as CHANNEL
from bot.domain.replies import Reply
from bot.errors import NotSent, Rejected, Uncertain
from bot.guides.phrases import Phrases
from bot.renderers.bubbles import split
from bot.renderers.text import choice_lines, numbered
from bot.services.cards import Cards
from bot.services.metrics import Metrics
from bot.store.inbox import ChatKey

log = structlog.get_logger(__name__)

#: https://bot.zaloplatforms.com/docs: a text has 1 to 2,000 characters.
TEXT_MOST = 2000
#: Nothing is said of captions: a longer text comes as a message of its own.
CAPTION_MOST = 1000
_REMEMBER = 1000


class ZaloBotSender:
    """Sends replies."""

    def __init__(
        self,
        client: ZaloBotClient,
        cards: Cards,
        metrics: Metrics,
        base_url: str,
        phrases: Callable[[], Phrases],
    ) -> None:
        self._client = client
        self._cards = cards
        self._count = metrics.pictures
        self._base = base_url if is_public(base_url) else ""
        self._base_url = base_url
        self._phrases = phrases
        #: Pictures that are there already, or may be, while the text is still to come.
        self._text_only: OrderedDict[tuple[str, str], None] = OrderedDict()

    async def send(self, key: ChatKey, reply: Reply) -> str | None:
        """Send; the id of the last bubble. Raises ChannelError."""
        chat, text = key.external_id, numbered(reply)
        if reply.payment is not None:
            where = self._phrases().say("payment_elsewhere", url=self._base_url)
            return await self._texts(chat, f"{where}\n\n{choice_lines(reply)}".strip())
        address = self._address(reply)
        if address:
            sent = await self._picture(chat, address, text)
            if sent is not None:
                return sent
        done = await self._texts(chat, text)
        self._text_only.pop((chat, address), None)
        return done

    def _address(self, reply: Reply) -> str:
        """Where the platform finds the picture of a reply; "" when it has none, or nowhere."""
        if not self._base:
            return ""
        if reply.photo is not None:
            return f"{self._base}/alert/{reply.photo.alert_id}.jpg"
        if reply.picture is not None:
            return f"{self._base}/the/{self._cards.show(reply.picture).digest}.png"
        return ""

    async def _picture(self, chat: str, address: str, text: str) -> str | None:
        """The picture with the text below it; the message's id, None when the text is to come."""
        if (chat, address) in self._text_only:
            return None
        caption = text if len(text) <= CAPTION_MOST else ""
        values = {"chat_id": chat, "photo": address} | ({"caption": caption} if caption else {})
        try:
            sent = await self._client.send("sendPhoto", **values)
        except Uncertain:
            # It is tried again: then as text, since a picture may never get through.
            self._count.labels(CHANNEL, "failed").inc()
            self._remember(chat, address)
            raise
        except (NotSent, Rejected) as error:
            self._count.labels(CHANNEL, "failed").inc()
            log.warning("picture not sent", error=str(error)[:80])
            return None
        self._count.labels(CHANNEL, "sent").inc()
        if caption:
            return sent
        self._remember(chat, address)
        return None

    async def _texts(self, chat: str, text: str) -> str | None:
        sent: str | None = None
        for part in split(text, TEXT_MOST):
            sent = await self._client.send("sendMessage", chat_id=chat, text=part)
        return sent

    def _remember(self, chat: str, address: str) -> None:
        self._text_only[(chat, address)] = None
        while len(self._text_only) > _REMEMBER:
            self._text_only.popitem(last=False)


def is_public(base_url: str) -> bool:
    """Whether others than this machine and its neighbours reach an address."""
    parts = urlsplit(base_url)
    host = (parts.hostname or "").lower()
    try:
        return parts.scheme == "https" and ipaddress.ip_address(host).is_global
    except ValueError:
        local = host == "localhost" or host.endswith((".localhost", ".local", ".internal", ".lan"))
        return parts.scheme == "https" and "." in host and not local
