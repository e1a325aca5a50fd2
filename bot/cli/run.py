"""serve, chat, ask, settings."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated

import typer
from pydantic import SecretStr

from bot.cli.starting import starting
from bot.domain.replies import Reply
from bot.renderers.text import numbered
from bot.settings import Settings, load_settings


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
) -> None:
    """Serve the web chat, the console and the configured platforms until stopped."""
    with starting():
        from bot import logs, server

        given = {k: v for k, v in {"host": host, "port": port}.items() if v is not None}
        settings = load_settings(**given)
        logs.configure(settings.log_level)
        server.serve(settings)


def chat() -> None:
    """Talk with the assistant in this terminal. Leave with Ctrl-D."""

    async def talk(say: _Say, hello: _Hello) -> None:
        _show(await hello())
        while True:
            line = await asyncio.to_thread(_read)
            if line is None:
                return
            _show(await say(line))

    _with_terminal(talk)


def ask(
    question: Annotated[str, typer.Argument(help="What to ask, as a citizen would type it.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print a JSON object with parse and replies.")
    ] = False,
) -> None:
    """Ask one question and print the answer."""

    async def once(say: _Say, _: _Hello) -> None:
        replies = await say(question)
        if as_json:
            print(
                json.dumps(
                    {"question": question, "replies": [_plain(r) for r in replies]},
                    ensure_ascii=False,
                )
            )
        else:
            _show(replies)

    _with_terminal(once)


def settings() -> None:
    """Print every setting with its value; secrets are masked."""
    from rich.console import Console
    from rich.table import Table

    loaded = load_settings()
    table = Table("setting", "value", "what it is")
    for name, field in Settings.model_fields.items():
        table.add_row(f"CONGDANSO_{name.upper()}", shown(getattr(loaded, name)), field.description)
    Console().print(table)


def shown(value: object) -> str:
    """A setting's value as it may be printed."""
    if isinstance(value, SecretStr):
        return "******" if value.get_secret_value() else ""
    text = str(value)
    # A database address may hold a password, before its '@' or behind its '?'.
    if "://" in text and ("@" in text or "password" in text):
        scheme, _, rest = text.partition("://")
        rest = rest.partition("?")[0]
        return f"{scheme}://******@{rest.rpartition('@')[2]}"
    return text


_Say = Callable[[str], Awaitable[list[Reply]]]
_Hello = Callable[[], Awaitable[list[Reply]]]


def _with_terminal(use: Callable[[_Say, _Hello], Awaitable[None]]) -> None:
    from bot import logs
    from bot.app import build
    from bot.channels.terminal import TerminalChat

    loaded = load_settings()
    logs.configure("warning")
    # A conversation here must not send what waits for other platforms.
    none = {"telegram_token": SecretStr(""), "zalo_oa_app_id": ""}
    program = build(loaded.model_copy(update=none))

    async def run() -> None:
        if not program.understanding.ready:
            await program.understanding.start()
        terminal = TerminalChat(program.runtime, program.conversations, program.cards)
        await use(terminal.say, terminal.hello)
        await program.conversations.stop()

    try:
        asyncio.run(run())
    finally:
        program.close()


def _read() -> str | None:
    try:
        return input("> ")
    except EOFError:
        return None


def _show(replies: list[Reply]) -> None:
    for reply in replies:
        print(numbered(reply), end="\n\n", flush=True)
    sys.stdout.flush()


def _plain(reply: Reply) -> dict[str, object]:
    choices = [{"id": c.id, "label": c.label} for c in reply.choices]
    return {"text": reply.text, "choices": choices, "urgent": reply.priority == 0}
