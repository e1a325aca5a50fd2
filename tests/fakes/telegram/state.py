"""The fake's world: its settings and state, faults, updates and files."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from .limits import Drop, Fault, Limits
from .model import Chat, Json, Pending, StoredFile, User, Webhook
from .observed import Observed

DEFAULT_TOKEN = "123456789:AAFakeTelegramTokenForTestsOnly0000"
# Telegram leaves these out unless allowed_updates names them.
_OPT_IN = {"chat_member", "message_reaction", "message_reaction_count"}
_EXTENSIONS = {
    "photo": "jpg",
    "voice": "oga",
    "video": "mp4",
    "audio": "mp3",
    "sticker": "webp",
}


class World(Observed):
    """State shared by the server's thread and the tests; every change is under one lock."""

    def __init__(
        self,
        tokens: Iterable[str] = (DEFAULT_TOKEN,),
        *,
        rate_limits: bool = True,
        privacy: bool = False,
        log: str | Path | None = None,
        log_rejected: bool = False,
        username: str = "congdanso_test_bot",
    ) -> None:
        """Create an empty world.

        `tokens` all name the same bot. With `privacy` a bot that is no administrator
        gets only commands, mentions and replies from groups.
        """
        super().__init__(log, log_rejected)
        named = list(tokens)
        if not named:
            raise ValueError("at least one token is needed")
        self.tokens = set(named)
        self.token = named[0]
        digits = self.token.partition(":")[0]
        bot_id = int(digits) if digits.isdigit() else 666
        self.bot = User(bot_id, "Congdanso", username=username, language_code=None, is_bot=True)
        self.bot_json = self.bot.to_json()
        self.privacy = privacy
        self.limits = Limits(enabled=rate_limits)
        self.conflict_terminates = "older"
        self.callback_timeout = 900.0
        self.webhook_retry = 0.05
        self.webhook_timeout = 30.0
        self.webhook_hosts = {"127.0.0.1", "localhost", "::1"}
        self.on_update: Callable[[], None] | None = None
        self._empty()

    def _empty(self) -> None:
        self.offset = 0.0
        self.users: dict[int, User] = {}
        self.chats = {}
        self.calls = []
        self.pending: deque[Pending] = deque()
        self.queries = {}
        self.files: dict[str, StoredFile] = {}
        self.paths: dict[str, StoredFile] = {}
        self.faults: list[Fault] = []
        self.webhook = Webhook()
        self.webhook_deliveries: list[tuple[int, int]] = []
        self.allowed: list[str] | None = None
        self.commands: dict[str, list[Json]] = {}
        self.polling = False
        self.last_update_id = 100_000
        self.last_message_id = 0
        self.last_query_id = 4_000_000_000_000_000_000
        self.limits.clear()

    def reset(self) -> None:
        """Forget everything but the tokens and settings, as if freshly made."""
        with self.lock:
            self._empty()
            self.changed()
            if self.on_update:
                self.on_update()

    # Faults

    def fault(
        self,
        method: str = "*",
        *,
        chat_id: int | None = None,
        nth: int = 1,
        times: int | None = 1,
        status: int | None = None,
        description: str | None = None,
        retry_after: int | None = None,
        delay: float = 0.0,
        delay_after: float = 0.0,
        drop: Drop | None = None,
    ) -> Fault:
        """Misbehave on matching calls, from the nth on, `times` times (None: for ever).

        `status`/`retry_after` answer with an error and have no effect; `delay` waits before
        handling, `delay_after` between handling and answering; `drop="before"` closes the
        connection unrecorded, `drop="after"` handles and records but never answers.
        """
        made = Fault(
            method,
            chat_id,
            nth,
            times,
            status,
            description,
            retry_after,
            delay,
            delay_after,
            drop,
        )
        with self.lock:
            self.faults.append(made)
        return made

    def clear_faults(self) -> None:
        """Behave well again."""
        with self.lock:
            self.faults.clear()

    def take_fault(self, method: str, chat_id: int | None) -> Fault | None:
        """Return the fault to apply to this call."""
        if not self.faults:
            return None
        with self.lock:
            for fault in self.faults:
                if fault.matches(method, chat_id):
                    self.changed()
                    return fault
        return None

    # Building blocks

    def push(self, kind: str, payload: Any, key: int = 0) -> Json:
        """Queue an update for the bot (unless it did not ask for that kind) and return it."""
        with self.lock:
            self.last_update_id += 1
            update: Json = {"update_id": self.last_update_id, kind: payload}
            if kind in self.allowed if self.allowed else kind not in _OPT_IN:
                self.pending.append(Pending(update, key))
                if self.on_update:
                    self.on_update()
            self.changed()
        return update

    def next_message_id(self, chat: Chat) -> int:
        """Return a fresh message id: per supergroup, else shared by all of the bot's chats."""
        if chat.type == "supergroup":
            chat.last_message_id += 1
            return chat.last_message_id
        self.last_message_id += 1
        return self.last_message_id

    def add_file(
        self,
        kind: str,
        data: bytes,
        name: str = "",
        mime: str = "application/octet-stream",
        size: int | None = None,
    ) -> StoredFile:
        """Keep a file; `size` may claim more than `data` holds."""
        with self.lock:
            number = len(self.files) + 1
            extension = name.rpartition(".")[2] if "." in name else _EXTENSIONS.get(kind, "bin")
            path = f"{kind}s/file_{number}.{extension}"
            length = len(data) if size is None else size
            unique = f"AQAD{number:012d}"
            file_id = f"{kind[:3]}Fake{number:040d}"
            stored = StoredFile(file_id, unique, kind, path, name, mime, length, data)
            self.files[stored.file_id] = self.paths[path] = stored
        return stored
