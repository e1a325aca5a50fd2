"""What is stored about a person as one page to keep: readable without a network, with nothing else
in it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import Response
from jinja2 import Environment
from sqlalchemy import Connection

from bot.channels.web.headers import HEADERS
from bot.domain.kept import Kept
from bot.domain.state import State, decode_state
from bot.schedule.zone import local
from bot.services.posting import STATE
from bot.services.runtime import Runtime
from bot.store import mine

_FILE = "du-lieu-cua-toi.html"


class MinePage:
    """Makes the page."""

    def __init__(self, runtime: Runtime, environment: Environment) -> None:
        self._runtime = runtime
        self._template = environment.get_template("mine.html")

    async def response(self, chat: int) -> Response:
        """The page of a chat, as a file to download."""
        kept, state = await self._runtime.db.read(lambda c: self._read(c, chat))
        html = self._template.render(
            kept=kept,
            state=state,
            now=self._runtime.now(),
            days=self._runtime.settings.retention_days,
            when=_when,
        )
        headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{_FILE}"'}
        return Response(html, media_type="text/html; charset=utf-8", headers=headers)

    def _read(self, connection: Connection, chat: int) -> tuple[Kept, State]:
        vault = self._runtime.vault
        kept = mine.everything(connection, vault, chat)
        sealed = mine.state_of(connection, chat)
        return kept, decode_state(vault.open(sealed, STATE)) if sealed else State()


def _when(at: Any) -> str:
    """A moment in Vietnam's time; "" for none."""
    return f"{local(at):%H:%M %d/%m/%Y}" if isinstance(at, datetime) else ""
