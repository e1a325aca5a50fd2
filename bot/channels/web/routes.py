"""The web chat's page and its calls. Shapes are documented in docs/web-chat.md."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import uuid
from collections.abc import Awaitable, Callable
from datetime import timedelta

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import Connection

from bot.channels.web.guides import GuidePages
from bot.channels.web.headers import HEADERS
from bot.channels.web.hub import Hub
from bot.channels.web.mine import MinePage
from bot.channels.web.pictures import alert_response, card_response
from bot.channels.web.shell import Shell
from bot.channels.web.stream import messages
from bot.domain import events as ev
from bot.domain.voice import BYTES_MOST as VOICE_BYTES_MOST
from bot.guides.content import Content
from bot.pictures.opening import BYTES_MOST
from bot.services.cards import Cards
from bot.services.conversation import Also, Conversations
from bot.services.linking import part as part_links
from bot.services.pictures import Pictures
from bot.services.runtime import Runtime
from bot.services.shared_pace import SharedPace
from bot.services.signing import Signer
from bot.services.voices import VOICE
from bot.speech.formats import format_of
from bot.store import inbox, pulled, voice
from bot.store.inbox import ChatKey
from bot.weblib.forms import client_address, same_origin

CHANNEL = "web"
COOKIE = "congdanso_chat"
TEXT_MOST = 4096
_VALID = timedelta(days=365)
_WORDS = {
    400: "Tin gửi lên bị lỗi. Mời tải lại trang.",
    408: "Mạng yếu quá nên hình chưa gửi được. Mời gửi lại.",
    401: "Phiên trò chuyện đã hết. Mời tải lại trang.",
    403: "Yêu cầu không đến từ trang này nên không được nhận.",
    413: f"Tin dài quá, nhiều nhất {TEXT_MOST} chữ cái. Mời viết ngắn lại.",
    422: "Tin gửi lên bị lỗi. Mời tải lại trang.",
    429: "Gửi nhanh quá. Mời chờ một chút rồi gửi lại.",
}
_PICTURE_TOO_BIG = "Hình lớn quá, nhiều nhất 20 MB. Mời chụp màn hình rồi gửi hình đó."
_NOTE_TOO_BIG = "Tin thoại dài quá. Mời nói ngắn lại rồi gửi."
#: The general limit does not hold for files: theirs is kept where it can be said in words.
_FILE_BODY_MOST = 2**40
_MINE_PER_HOUR = 10
UPLOADS_MOST = 6
_UPLOAD_SECONDS = 60.0
_UPLOAD_WAIT = 5


#: The same to everybody, so made once.
_KEPT = Response(status_code=202, headers=HEADERS)
_NOTED = Response(status_code=204, headers=HEADERS)
Handler = Callable[[Request], Awaitable[Response]]
#: What to do with a file: the chat, the message's id, the bytes.
Take = Callable[[str, uuid.UUID, bytes], Awaitable[None]]


class _Message(BaseModel):
    """What the browser sends; exactly one of `text`, `choice` and `start` (a link's payload)."""

    model_config = ConfigDict(extra="ignore")
    id: uuid.UUID
    text: str | None = None
    choice: str | None = Field(None, max_length=64)
    start: str | None = Field(None, pattern=r"^loc_[a-z0-9_-]{2,60}$")


class _Ack(BaseModel):
    seq: int = Field(ge=0, le=2**31)


class WebChat:
    """The web channel: routes over the conversations and the outbox."""

    def __init__(
        self,
        runtime: Runtime,
        conversations: Conversations,
        hub: Hub,
        cards: Cards,
        pictures: Pictures,
    ) -> None:
        self._runtime = runtime
        self._conversations = conversations
        self._hub = hub
        self._cards = cards
        self._pictures = pictures
        self._uploads = 0
        self._signer = Signer(runtime.vault.derive_signing("web chat cookie"))
        settings = runtime.settings
        self._pace = SharedPace(runtime, "web", settings.web_messages_per_minute)
        self._begun = SharedPace(runtime, "begun", settings.web_chats_per_hour, seconds=3600)
        self._asked_for = SharedPace(runtime, "mine", _MINE_PER_HOUR, seconds=3600)
        self._shell = Shell()
        self._mine = MinePage(runtime, self._shell.environment)

    def router(self) -> APIRouter:
        """The routes."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/", self.page, methods=["GET"])
        router.add_api_route("/chat/open", self.open, methods=["POST"])
        router.add_api_route(
            "/chat/pictures", self.picture, methods=["POST"], max_body_size=_FILE_BODY_MOST
        )
        router.add_api_route(
            "/chat/notes", self.note, methods=["POST"], max_body_size=_FILE_BODY_MOST
        )
        router.add_api_route("/chat/stream", self.stream, methods=["GET"])
        router.add_api_route("/chat/forget", self.forget, methods=["POST"])
        router.add_api_route("/chat/mine", self.mine, methods=["POST"])
        router.add_api_route("/the/{card}.png", self.card, methods=["GET"])
        router.add_api_route("/alert/{alert}.jpg", self.alert, methods=["GET"])
        return router

    def quick(self) -> dict[str, Handler]:
        """What every message asks for by POST: first among the routes and without the framework's
        dependencies, which cost more than handling does."""
        return {"/chat/messages": self.message, "/chat/ack": self.ack}

    def pages(self, content: Callable[[], Content]) -> APIRouter:
        """What is the same for everybody: style sheet, scripts, guides to read."""
        router = self._shell.router()
        router.include_router(GuidePages(self._runtime, self._shell, content).router())
        return router

    async def page(self, request: Request) -> Response:
        """The page itself; the same for everybody, so it says nothing of anybody."""
        return await self._shell.home(request)

    async def open(self, request: Request) -> Response:
        """Begin, or find again, this browser's conversation."""
        if not same_origin(request, self._runtime.settings.base_url):
            return self._refuse(403)
        chat = self._chat(request)
        if chat is None:
            now = self._runtime.now().timestamp()
            wait = await self._begun.wait(client_address(request), now)
            if wait:
                return self._refuse(429, wait=wait)
            chat = secrets.token_urlsafe(24)
        key = ChatKey(CHANNEL, chat)
        await self._conversations.accept(key, CHANNEL, f"{chat}:hello", ev.Envelope(ev.Hello()))
        response = JSONResponse({"chat": _short(chat)}, headers=HEADERS)
        # Anew each time: who comes back within the year keeps the conversation for a year more.
        self._remember(response, chat)
        return response

    async def message(self, request: Request) -> Response:
        """Keep a message; 202 when it is on disk."""
        if not same_origin(request, self._runtime.settings.base_url):
            return self._refuse(403)
        chat = self._chat(request)
        if chat is None:
            return self._refuse(401)
        try:
            body = _Message.model_validate_json(await request.body())
        except ValidationError:
            return self._refuse(422)
        event = _event(body)
        if event is None:
            return self._refuse(422)
        if isinstance(event, ev.Text) and len(event.text) > TEXT_MOST:
            return self._refuse(413)
        wait = await self._pace.wait(chat, self._runtime.now().timestamp())
        if wait:
            return self._refuse(429, wait=wait)
        await self._conversations.accept(
            ChatKey(CHANNEL, chat), CHANNEL, f"{chat}:{body.id}", ev.Envelope(event)
        )
        return _KEPT

    async def picture(self, request: Request) -> Response:
        """Look at a picture and keep what was in it; 202 when that is on disk.

        The bytes are looked at before anything is kept, and are gone when this returns.
        """

        async def take(chat: str, number: uuid.UUID, data: bytes) -> None:
            seen = await self._pictures.look(data)
            await self._accept(chat, number, ev.Attachment("photo", seen=seen))

        return await self._upload(request, BYTES_MOST, _PICTURE_TOO_BIG, take)

    async def note(self, request: Request) -> Response:
        """Keep a voice note, encrypted, until the conversation has come to it; 202 when it is on
        disk."""
        told = request.query_params.get("seconds", "")
        seconds = int(told) if told.isdecimal() and len(told) < 5 else 0

        async def take(chat: str, number: uuid.UUID, data: bytes) -> None:
            name = hashlib.sha256(f"{chat}:{number}".encode()).hexdigest()
            vault, now = self._runtime.vault, self._runtime.now()
            found = format_of(data)
            media = found.media if found else ""

            def keep(connection: Connection, row: int) -> None:
                voice.upload(connection, vault, row, name, media, data, now)

            event = ev.Attachment(VOICE, f"{CHANNEL}:{name}", seconds=seconds)
            await self._accept(chat, number, event, keep)

        return await self._upload(request, VOICE_BYTES_MOST, _NOTE_TOO_BIG, take)

    async def _upload(self, request: Request, most: int, too_big: str, take: Take) -> Response:
        """A file of at most so many bytes from one of our pages, at a pace and few at once."""
        if not same_origin(request, self._runtime.settings.base_url):
            return self._refuse(403)
        chat = self._chat(request)
        if chat is None:
            return self._refuse(401)
        number = _uuid(request.query_params.get("id", ""))
        if number is None:
            return self._refuse(422)
        wait = await self._pace.wait(chat, self._runtime.now().timestamp())
        if wait:
            return self._refuse(429, wait=wait)
        if self._uploads >= UPLOADS_MOST:
            return self._refuse(429, wait=_UPLOAD_WAIT)
        self._uploads += 1
        try:
            async with asyncio.timeout(_UPLOAD_SECONDS):
                data = await _body(request, most)
            if data is None:
                return self._refuse(413, too_big)
            await take(chat, number, data)
        except TimeoutError:
            return self._refuse(408)
        finally:
            self._uploads -= 1
        return Response(status_code=202, headers=HEADERS)

    async def _accept(
        self, chat: str, number: uuid.UUID, event: ev.Event, also: Also | None = None
    ) -> None:
        key, envelope = ChatKey(CHANNEL, chat), ev.Envelope(event)
        await self._conversations.accept(key, CHANNEL, f"{chat}:{number}", envelope, also)

    async def stream(self, request: Request, after: int = 0) -> Response:
        """Everything above the browser's cursor, as it comes."""
        chat = await self._row(request)
        if chat is None:
            return self._refuse(401)
        last = request.headers.get("Last-Event-ID", "")
        cursor = max(after, int(last) if last.isdecimal() and len(last) < 10 else 0)
        headers = {**HEADERS, "X-Accel-Buffering": "no"}
        frames = messages(self._runtime, self._hub, self._cards, chat, cursor)
        return StreamingResponse(frames, media_type="text/event-stream", headers=headers)

    async def ack(self, request: Request) -> Response:
        """The browser has stored and shown everything up to `seq`."""
        if not same_origin(request, self._runtime.settings.base_url):
            return self._refuse(403)
        chat = self._chat(request)
        if chat is None:
            return self._refuse(401)
        try:
            body = _Ack.model_validate_json(await request.body())
        except ValidationError:
            return self._refuse(422)
        now = self._runtime.now()
        key = ChatKey(CHANNEL, chat)

        def work(connection: Connection) -> bool:
            found = inbox.find_chat(connection, key)
            if found is not None:
                pulled.acknowledge(connection, found, body.seq, now)
            return found is not None

        if not await self._runtime.db.write(work):
            return self._refuse(401)
        return _NOTED

    async def forget(self, request: Request) -> Response:
        """This device no longer knows the conversation (a shared phone)."""
        if not same_origin(request, self._runtime.settings.base_url):
            return self._refuse(403)
        chat = await self._row(request)
        if chat is not None:
            await self._part(chat)
        response = Response(status_code=204, headers=HEADERS)
        response.delete_cookie(COOKIE, httponly=True, samesite="lax")
        # The page removes what it kept itself; this is for what it cannot reach. Not "cookies":
        # that would sign out staff who use the same browser.
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response

    async def _part(self, chat: int) -> None:
        """Nobody reads this chat any more: it is no longer linked with the person's others."""
        for told in await self._runtime.db.write(
            lambda c: part_links(c, self._runtime, chat, CHANNEL)
        ):
            self._conversations.wake(told)

    async def mine(self, request: Request) -> Response:
        """What is stored about whoever holds this chat's cookie, as a page to keep."""
        if not same_origin(request, self._runtime.settings.base_url):
            return self._refuse(403)
        chat, row = self._chat(request), await self._row(request)
        if chat is None or row is None:
            return self._refuse(401)
        wait = await self._asked_for.wait(chat, self._runtime.now().timestamp())
        if wait:
            return self._refuse(429, wait=wait)
        return await self._mine.response(row)

    async def card(self, card: str) -> Response:
        """The picture of a step, which says nothing of anybody."""
        return await card_response(self._cards, card)

    async def alert(self, alert: int) -> Response:
        """The picture of an alert that was sent."""
        return await alert_response(self._cards, alert)

    # Inside --------------------------------------------------------------------------------------

    def _chat(self, request: Request) -> str | None:
        value = self._signer.read(request.cookies.get(COOKIE, ""), self._runtime.now())
        return None if value is None else str(value["c"])

    async def _row(self, request: Request) -> int | None:
        chat = self._chat(request)
        if chat is None:
            return None
        return await self._runtime.db.read(lambda c: inbox.find_chat(c, ChatKey(CHANNEL, chat)))

    def _remember(self, response: Response, chat: str) -> None:
        token = self._signer.sign({"c": chat}, self._runtime.now(), _VALID)
        response.set_cookie(
            COOKIE,
            token,
            max_age=int(_VALID.total_seconds()),
            httponly=True,
            samesite="lax",
            secure=self._runtime.settings.secure_cookies,
        )

    def _refuse(self, status: int, words: str = "", wait: int = 0) -> Response:
        self._runtime.metrics.requests.labels("web", str(status)).inc()
        headers = {**HEADERS, "Retry-After": str(wait)} if wait else HEADERS
        return JSONResponse({"error": words or _WORDS[status]}, status, headers=headers)


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


async def _body(request: Request, most: int) -> bytes | None:
    """The body of a request; None as soon as it is longer than `most` bytes."""
    told = request.headers.get("Content-Length", "")
    if told.isdecimal() and int(told[:20]) > most:
        return None
    parts, length = [], 0
    async for part in request.stream():
        length += len(part)
        if length > most:
            return None
        parts.append(part)
    return b"".join(parts)


def _event(body: _Message) -> ev.Text | ev.Press | ev.Start | None:
    given = [value for value in (body.text, body.choice, body.start) if value is not None]
    if len(given) != 1:
        return None
    if body.choice is not None:
        return ev.Press(body.choice)
    if body.start is not None:
        return ev.Start(body.start)
    return ev.Text(body.text or "")


def _short(chat: str) -> str:
    """A name for the browser's storage that does not give the chat away."""
    return hashlib.sha256(chat.encode()).hexdigest()[:16]
