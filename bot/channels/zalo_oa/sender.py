"""From a reply to messages of the OA API.

Every choice stands in the text with its number, which may be typed: it is not certain that each
phone shows buttons. The first five are buttons too.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import Connection

from bot.cards.errors import CardError
from bot.channels.zalo_oa.client import ANY, CS, OaClient
from bot.channels.zalo_oa.pictures import OaPictures
from bot.channels.zalo_oa.updates import ANONYMOUS, PRESSED
from bot.domain.channels import ZALO_OA, traits
from bot.domain.replies import Choice, Reply, encode_reply
from bot.errors import ChannelError, NotSent, Rejected, Uncertain, WindowClosed
from bot.renderers.bubbles import numbered_bubbles
from bot.services.runtime import Runtime
from bot.store import inbox, windows
from bot.store.inbox import ChatKey

log = structlog.get_logger(__name__)

#: Limits of the platform: characters of a text, buttons, characters of a button and of its payload.
TEXT_MOST = 2_000
BUTTONS_MOST = 5
TITLE_MOST = 100
PAYLOAD_MOST = 1_000
_REMEMBER = 2_000


@dataclass(frozen=True, slots=True)
class Message:
    """One message: a text, perhaps with a picture or buttons."""

    text: str
    buttons: tuple[Choice, ...] = ()
    pictured: bool = False


class OaSender:
    """Sends replies, and remembers how far it came with one that has several messages."""

    def __init__(self, runtime: Runtime, client: OaClient, pictures: OaPictures) -> None:
        self._runtime = runtime
        self._client = client
        self._pictures = pictures
        #: (chat, digest of the reply) -> messages of it that were sent.
        self._sent: OrderedDict[tuple[str, bytes], int] = OrderedDict()

    async def send(self, key: ChatKey, reply: Reply) -> str | None:
        """Send; the id of the last message. ChannelError."""
        await self._check_window(key)
        parts = messages(reply)
        digest = hashlib.sha256(encode_reply(reply)).digest()
        external_id: str | None = None
        for number in range(self._sent.get((key.external_id, digest), 0), len(parts)):
            external_id = await self._one(key, reply, parts[number])
            # What was sent is not sent again when the rest fails and is tried again.
            self._note(key, digest, number + 1)
        self._sent.pop((key.external_id, digest), None)
        return external_id

    async def _check_window(self, key: ChatKey) -> None:
        """WindowClosed when the person wrote too long ago."""
        now, billed = self._runtime.now(), self._runtime.settings.zalo_oa_billed

        def work(connection: Connection) -> WindowClosed | None:
            chat = inbox.find_chat(connection, key)
            if chat is None or windows.is_open(connection, chat, now, billed=billed):
                return None
            return WindowClosed(windows.heard_at(connection, chat))

        closed = await self._runtime.db.read(work)
        if closed is not None:
            raise closed

    async def _one(self, key: ChatKey, reply: Reply, part: Message) -> str | None:
        message: dict[str, Any] = {}
        if part.text:
            message["text"] = part.text
        name = await self._picture(reply) if part.pictured else None
        if name is not None:
            message["attachment"] = _template(
                template_type="media", elements=[{"media_type": "image", "attachment_id": name}]
            )
        elif part.buttons:
            message["attachment"] = _template(buttons=[_button(c) for c in part.buttons])
        path, recipient = _recipient(key)
        now = self._runtime.now()
        try:
            return await self._client.send(path, recipient, message)
        except WindowClosed as error:
            # The platform closes it before we thought: whoever writes later than now opens it.
            raise WindowClosed(now) from error

    async def _picture(self, reply: Reply) -> str | None:
        """The picture's name at Zalo; None when the text must go without it. ChannelError when the
        text would fare no better, or is nothing without it."""
        try:
            return await self._pictures.name_of(reply)
        except (CardError, NotSent, Rejected, Uncertain) as error:
            # Nobody sees an upload: to try it again shows nothing twice.
            self._runtime.metrics.pictures.labels(ZALO_OA, "failed").inc()
            log.warning("picture not sent", error=str(error)[:80])
            if reply.payment is not None:
                raise _unpictured(error) from error
            return None

    def _note(self, key: ChatKey, digest: bytes, sent: int) -> None:
        self._sent[key.external_id, digest] = sent
        self._sent.move_to_end((key.external_id, digest))
        while len(self._sent) > _REMEMBER:
            self._sent.popitem(last=False)


def messages(reply: Reply) -> list[Message]:
    """The messages that a reply is. A picture comes with the first; buttons come with the last,
    which has no picture then."""
    most = traits(ZALO_OA).bubble
    pictured = bool(reply.picture or reply.payment or reply.photo)
    texts = numbered_bubbles(reply, most)
    if pictured and reply.choices and len(texts) == 1:
        # A message has a picture or buttons, not both.
        bare = Reply(reply.text)
        lines = Reply("", reply.choices)
        texts = [*numbered_bubbles(bare, most), *numbered_bubbles(lines, most)]
    parts = [Message(text.strip()) for text in texts]
    if pictured:
        parts[0] = Message(parts[0].text, pictured=True)
    if reply.choices:
        last = parts[-1]
        parts[-1] = Message(last.text, reply.choices[:BUTTONS_MOST], last.pictured)
    return parts


def _button(choice: Choice) -> dict[str, str]:
    payload = f"{PRESSED}{choice.id}"
    if len(payload) > PAYLOAD_MOST:
        raise Rejected(f"a choice id is over {PAYLOAD_MOST} characters: {choice.id[:20]}…")
    return {"title": choice.label[:TITLE_MOST], "type": "oa.query.hide", "payload": payload}


def _template(**payload: Any) -> dict[str, Any]:
    return {"type": "template", "payload": payload}


def _recipient(key: ChatKey) -> tuple[str, dict[str, str]]:
    """The path and the recipient for a chat."""
    if not key.external_id.startswith(ANONYMOUS):
        return CS, {"user_id": key.external_id}
    person, _, talk = key.external_id.removeprefix(ANONYMOUS).partition(":")
    return ANY, {"anonymous_id": person, "conversation_id": talk}


def _unpictured(error: Exception) -> ChannelError:
    """A text that speaks of a picture must not go without it."""
    if isinstance(error, NotSent | Uncertain):
        return NotSent("the picture could not be uploaded")
    return Rejected("the picture cannot be drawn or is refused")
