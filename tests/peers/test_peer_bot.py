"""The whole bot against telegram-test-api: what it does is right not only for our own fake."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.process import Served, free_port, telegram_settings, with_model

TOKEN = "123:peer-bot"
PATIENCE = 60.0

pytestmark = pytest.mark.node


class Citizen:
    """Somebody who writes through the peer's own routes and reads the peer's history."""

    def __init__(self, origin: str, token: str, number: int) -> None:
        self._http = httpx.Client(base_url=origin, trust_env=False, timeout=30)
        self._token = token
        self.id = number
        person = {"id": number, "first_name": "Ba", "is_bot": False}
        self._chat = {"id": number, "first_name": "Ba", "type": "private"}
        self._common = {"botToken": token, "from": person, "chat": self._chat}
        self._read = 0

    def _act(self, route: str, **body: Any) -> None:
        self._http.post(f"/{route}", json={**self._common, **body}).raise_for_status()

    def _said(self) -> list[dict[str, Any]]:
        answer = self._http.post("/getUpdatesHistory", json={"token": self._token})
        history: list[dict[str, Any]] = answer.raise_for_status().json()["result"]
        said = (entry for entry in history if "text" in entry.get("message", {}))
        return [e for e in said if e.get("updateId") is None or "messageId" in e]

    def _next(self, act: Callable[[], None]) -> dict[str, Any]:
        """The bot's answer to an act: of a long one the last message, which has the buttons."""
        act()
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            mine = [e for e in self._said() if str(e["message"].get("chat_id", "")) == str(self.id)]
            for entry in mine[self._read :]:
                self._read += 1
                if entry["message"].get("reply_markup"):
                    return entry
            # The peer offers no other way than to look again.
            time.sleep(0.02)
        raise TimeoutError("the bot did not answer")

    def write(self, text: str) -> dict[str, Any]:
        """Write; the answer."""
        return self._next(lambda: self._act("sendMessage", text=text, date=int(time.time())))

    def press(self, entry: dict[str, Any], label: str) -> dict[str, Any]:
        """Press a button of an answer; the answer to that."""
        data = next(b["callback_data"] for b in buttons(entry) if b["text"] == label)
        message = {"message_id": entry["messageId"], "chat": self._chat}
        return self._next(lambda: self._act("sendCallback", data=data, message=message))


def buttons(entry: dict[str, Any]) -> list[dict[str, str]]:
    """The buttons of an answer."""
    markup = entry["message"]["reply_markup"]
    decoded = json.loads(markup) if isinstance(markup, str) else markup
    return [button for row in decoded["inline_keyboard"] for button in row]


@pytest.mark.parametrize("mode", ["polling", "webhook"])
def test_greeting_guide_and_buttons(origin: str, tmp_path: Path, mode: str) -> None:
    port = free_port()
    token = f"{TOKEN}-{mode}"
    settings = telegram_settings(f"{origin}/bot", webhook_port=port if mode == "webhook" else None)
    settings |= {"CONGDANSO_TELEGRAM_TOKEN": token, "CONGDANSO_POLL_SECONDS": "0.1"}
    with Served(with_model(tmp_path / "var"), settings, port):
        ba = Citizen(origin, token, 7 if mode == "polling" else 8)
        greeting = ba.write("/start")
        assert "máy trả lời tự động" in greeting["message"]["text"]
        assert len(buttons(greeting)) == 6
        guide = ba.write("lam sao de lam dinh danh muc 2")
        first = ba.press(guide, "Cho tôi")
        assert "Bước 1/8" in first["message"]["text"]
        second = ba.press(first, "Xong, bước tiếp")
        assert "Bước 2/8" in second["message"]["text"]
        assert "Bước 3/8" in ba.write("tiếp")["message"]["text"]
