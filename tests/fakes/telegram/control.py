"""The control API: another process acts as the people and looks at what the bot did."""

from __future__ import annotations

import base64
import dataclasses
import functools
import inspect
import json
from typing import Any

from .actions import Actions
from .model import Chat, Json, SentMessage
from .observed import call_json

ACTIONS = frozenset(
    {
        "user",
        "group",
        "send_text",
        "start",
        "send_media",
        "send_photo",
        "send_document",
        "send_voice",
        "send_video",
        "send_sticker",
        "send_contact",
        "send_location",
        "send_poll",
        "edited_message",
        "press",
        "press_data",
        "my_chat_member",
        "block",
        "unblock",
        "kick",
        "set_member",
        "migrate_group",
        "add_topic",
        "delete_topic",
        "close_topic",
        "inject",
        "fault",
        "clear_faults",
        "advance",
        "reset",
    }
)
_MAX_WAIT = 60.0


def message_json(message: SentMessage) -> Json:
    """Return a sent message as the control API shows it."""
    out = dataclasses.asdict(message)
    out["labels"] = message.labels
    return out


def _plain(value: Any) -> Any:
    if isinstance(value, Chat):
        return value.json
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return value


class Control:
    """Handles /control/<name>: POST an action with its arguments as JSON, GET what happened."""

    def __init__(self, actions: Actions) -> None:
        self.actions = actions

    async def handle(
        self, name: str, verb: str, query: dict[str, str], body: bytes
    ) -> tuple[int, Any]:
        """Return the status and answer of one control request."""
        try:
            if verb == "GET":
                return 200, await self._look(name, query)
            given = json.loads(body) if body else {}
            return 200, self._act(name, given)
        except (LookupError, TypeError, ValueError, RuntimeError) as exc:
            return 400, {"error": f"{type(exc).__name__}: {exc}"}

    def _act(self, name: str, given: Any) -> Any:
        if name == "update":
            return self.actions.inject(given)
        if name == "faults":
            faults = given if isinstance(given, list) else [given]
            return [_plain(self.actions.fault(**fault)) for fault in faults]
        if name == "settings":
            return self._settings(given)
        if name == "batch":
            return [self._act(step["action"], step.get("args", {})) for step in given]
        if name not in ACTIONS:
            raise LookupError(f"no such action: {name}")
        if isinstance(given.get("data"), str) and name.startswith("send_"):
            given["data"] = base64.b64decode(given["data"])
        action = getattr(self.actions, name)
        inspect.signature(action).bind(**given)
        return _plain(action(**given))

    def _settings(self, given: Json) -> Json:
        world = self.actions
        if "rate_limits" in given:
            world.limits.enabled = bool(given["rate_limits"])
        for name in (
            "conflict_terminates",
            "webhook_retry",
            "callback_timeout",
            "privacy",
        ):
            if name in given:
                setattr(world, name, given[name])
        return {"rate_limits": world.limits.enabled}

    async def _look(self, name: str, query: dict[str, str]) -> Any:
        wait = min(float(query.get("timeout", 0)), _MAX_WAIT)
        if name == "calls":
            look = functools.partial(self._calls, query=query)
            return [call_json(call) for call in await self.actions.watch(look, wait)]
        if name == "messages":
            look_messages = functools.partial(self._messages, query=query)
            return [message_json(m) for m in await self.actions.watch(look_messages, wait)]
        if name == "status":
            return self._status()
        raise LookupError(f"nothing to see at {name}")

    def _calls(self, world: Actions, query: dict[str, str]) -> Any:
        method = query.get("method")
        chat_id = query.get("chat_id")
        found = [
            call
            for call in world.calls[int(query.get("after", 0)) :]
            if method in (None, call.method) and chat_id in (None, str(call.chat_id))
        ]
        return found if len(found) >= int(query.get("count", 1)) or not query else []

    def _messages(self, world: Actions, query: dict[str, str]) -> list[SentMessage]:
        after = int(query.get("after", -1))
        wanted = query.get("containing", "")
        return [
            m
            for m in world.messages(int(query["chat_id"]))
            if m.message_id > after and wanted in m.text
        ]

    def _status(self) -> Json:
        world = self.actions
        with world.lock:
            return {
                "calls": len(world.calls),
                "pending": len(world.pending),
                "last_update_id": world.last_update_id,
                "polling": world.polling,
                "webhook": dataclasses.asdict(world.webhook),
                "deliveries": len(world.webhook_deliveries),
                "sent": sum(len(chat.sent) for chat in world.chats.values()),
            }
