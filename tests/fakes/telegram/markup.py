"""reply_markup: what the Bot API accepts and what a person sees of it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from .model import Button, Json, Params, bad

_ACTIONS = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)


def _rows(value: Any, what: str) -> list[list[Any]]:
    if not isinstance(value, list) or not all(isinstance(row, list) for row in value):
        raise bad(f"can't parse {what}: Field must be an Array of Arrays")
    return value


def _check_inline(button: Any) -> None:
    if not isinstance(button, dict):
        raise bad("can't parse inline keyboard button: InlineKeyboardButton must be an Object")
    if not str(button.get("text", "")).strip():
        raise bad("inline keyboard button text must be non-empty")
    if not any(action in button for action in _ACTIONS):
        raise bad(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    if "callback_data" in button:
        if not 1 <= len(str(button["callback_data"]).encode()) <= 64:
            raise bad("BUTTON_DATA_INVALID")
    elif "url" in button:
        url = str(button["url"])
        parts = urlsplit(url)
        web = parts.scheme in ("http", "https") and "." in parts.netloc
        if not web and parts.scheme not in ("tg", "ton"):
            raise bad(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")


def parse_markup(p: Params) -> Json | None:
    """Return the validated reply_markup, None when there is none."""
    markup = p.decoded("reply_markup", "can't parse reply keyboard markup JSON object")
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise bad("object expected as reply markup")
    if "inline_keyboard" in markup:
        for row in _rows(markup["inline_keyboard"], "inline keyboard"):
            for button in row:
                _check_inline(button)
    elif "keyboard" in markup:
        for row in _rows(markup["keyboard"], "keyboard"):
            for key in row:
                if not (key.get("text") if isinstance(key, dict) else key):
                    raise bad("keyboard button text must be non-empty")
    return markup


def inline_buttons(markup: Json | None) -> list[Button]:
    """Return the inline buttons, row after row."""
    if not markup:
        return []
    return [
        Button(str(b["text"]), b.get("callback_data"), b.get("url"))
        for row in markup.get("inline_keyboard", ())
        for b in row
    ]


def reply_keys(markup: Json | None) -> list[Json]:
    """Return the keys of a reply keyboard, row after row, each as an object."""
    if not markup:
        return []
    return [
        key if isinstance(key, dict) else {"text": str(key)}
        for row in markup.get("keyboard", ())
        for key in row
    ]
