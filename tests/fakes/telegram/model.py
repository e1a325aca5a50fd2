"""The values the fake Telegram keeps: calls, chats, users, messages, files."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


class ApiError(Exception):
    """An answer with `ok: false`, as the Bot API words it."""

    def __init__(self, status: int, description: str, parameters: Json | None = None) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters


def bad(description: str, **parameters: Any) -> ApiError:
    """Return a 400 with Telegram's prefix."""
    return ApiError(400, f"Bad Request: {description}", parameters or None)


def forbidden(description: str) -> ApiError:
    """Return a 403 with Telegram's prefix."""
    return ApiError(403, f"Forbidden: {description}")


@dataclass(slots=True, frozen=True)
class Upload:
    """One file part of a multipart request."""

    filename: str
    content_type: str
    data: bytes


class Params:
    """Arguments of one call, whichever way they were encoded (all strings, or real JSON)."""

    __slots__ = ("files", "values")

    def __init__(self, values: Json, files: dict[str, Upload] | None = None) -> None:
        self.values = values
        self.files = files or {}

    def text(self, name: str) -> str:
        """Return the argument as a string, '' when absent."""
        value = self.values.get(name)
        return "" if value is None else str(value)

    def integer(self, name: str, default: int = 0) -> int:
        """Return the argument as an integer, the default when absent or not a number."""
        try:
            return int(self.values[name])
        except (KeyError, TypeError, ValueError):
            return default

    def flag(self, name: str) -> bool:
        """Return the argument as a boolean."""
        value = self.values.get(name)
        return value in (True, 1, "1") or (isinstance(value, str) and value.lower() == "true")

    def decoded(self, name: str, error: str) -> Any:
        """Return a JSON-serialised argument decoded (None when absent), else fail with `error`."""
        value = self.values.get(name)
        if isinstance(value, str):
            if not value:
                return None
            try:
                value = self.values[name] = json.loads(value)
            except ValueError:
                raise bad(error) from None
        return value

    @property
    def chat_id(self) -> int | None:
        """The numeric chat_id, if there is one."""
        return self.integer("chat_id") or None


@dataclass(slots=True)
class Call:
    """One API call that reached the fake, and how it was answered."""

    seq: int
    time: float
    method: str
    chat_id: int | None
    params: Json
    status: int
    result: Any
    description: str | None = None
    dropped: bool = False

    @property
    def ok(self) -> bool:
        """Whether the call had its effect."""
        return self.status == 200


@dataclass(slots=True, frozen=True)
class User:
    """A person (or the bot)."""

    id: int
    first_name: str
    last_name: str | None = None
    username: str | None = None
    language_code: str | None = "vi"
    is_bot: bool = False

    def to_json(self) -> Json:
        """Return the Bot API's User object."""
        out: Json = {
            "id": self.id,
            "is_bot": self.is_bot,
            "first_name": self.first_name,
        }
        for name in ("last_name", "username", "language_code"):
            if (value := getattr(self, name)) is not None:
                out[name] = value
        return out


@dataclass(slots=True)
class Topic:
    """A forum topic."""

    name: str
    closed: bool = False


@dataclass(slots=True, frozen=True)
class Button:
    """An inline button as a person sees it."""

    label: str
    data: str | None = None
    url: str | None = None


@dataclass(slots=True, frozen=True)
class Edit:
    """What one edit made of a message."""

    time: float
    text: str
    buttons: list[Button]


@dataclass(slots=True)
class SentMessage:
    """A message the bot sent, in its current state; `edits` has every later version."""

    chat_id: int
    message_id: int
    method: str
    text: str
    buttons: list[Button]
    keyboard: list[Json]
    reply_to: int | None
    thread_id: int | None
    time: float
    params: Json
    raw: Json
    first_text: str = ""
    first_buttons: list[Button] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)
    file_id: str | None = None
    deleted: bool = False

    @property
    def labels(self) -> list[str]:
        """The labels of the inline buttons, then of the reply keyboard."""
        return [b.label for b in self.buttons] + [str(k["text"]) for k in self.keyboard]


@dataclass(slots=True)
class Chat:
    """A private chat, group or supergroup, with everything said in it."""

    id: int
    type: str
    json: Json
    person: User | None = None
    started: bool = True
    blocked: bool = False
    bot_status: str = "member"
    forum: bool = False
    migrated_to: int | None = None
    members: dict[int, str] = field(default_factory=dict)
    topics: dict[int, Topic] = field(default_factory=dict)
    last_message_id: int = 0
    store: dict[int, Json] = field(default_factory=dict)
    sent: list[SentMessage] = field(default_factory=list)
    by_id: dict[int, SentMessage] = field(default_factory=dict)

    @property
    def private(self) -> bool:
        """Whether this is a chat with one person."""
        return self.type == "private"


@dataclass(slots=True, frozen=True)
class StoredFile:
    """A file Telegram holds."""

    file_id: str
    unique_id: str
    kind: str
    path: str
    name: str
    mime: str
    size: int
    data: bytes


@dataclass(slots=True)
class Query:
    """A pressed button waiting for answerCallbackQuery."""

    id: str
    time: float
    update_id: int
    answers: list[Json] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Pending:
    """An update the bot has not confirmed; `key` orders webhook deliveries per chat."""

    update: Json
    key: int
    attempts: int = 0


@dataclass(slots=True)
class Webhook:
    """The webhook in force and the state of its deliveries."""

    url: str = ""
    secret: str = ""
    max_connections: int = 1
    allowed: list[str] | None = None
    last_error_date: int | None = None
    last_error_message: str = ""
