"""web, worker, scheduler: the program's parts as processes of their own, on PostgreSQL."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.starting import starting
from bot.settings import Settings, load_settings

_Host = Annotated[str | None, typer.Option(help="Address to listen on.")]
_Port = Annotated[int | None, typer.Option(help="Port to listen on.")]
_ProbeHost = Annotated[str, typer.Option(help="Address of that port.")]
_ProbePort = Annotated[
    int | None, typer.Option(help="Answer /healthz, /readyz and /metrics on this port.")
]


def web(host: _Host = None, port: _Port = None) -> None:
    """Serve webhooks, the web chat and the console; workers do what comes of it."""
    with starting():
        from bot import server
        from bot.services.parts import Part

        given = {k: v for k, v in {"host": host, "port": port}.items() if v is not None}
        server.serve(_checked(Part.WEB, load_settings(**given)), Part.WEB)


def worker(host: _ProbeHost = "127.0.0.1", port: _ProbePort = None) -> None:
    """Work conversations off and send the answers. Any number may run."""
    _unseen("worker", host, port)


def scheduler(host: _ProbeHost = "127.0.0.1", port: _ProbePort = None) -> None:
    """Do what is due by the clock. Of several one does it, and another when that one ends."""
    _unseen("scheduler", host, port)


def _unseen(name: str, host: str, port: int | None) -> None:
    with starting():
        from bot import server
        from bot.services.parts import Part

        part = Part(name)
        if port is None:
            server.work(_checked(part, load_settings()), part)
        else:
            server.serve(_checked(part, load_settings(host=host, port=port)), part)


def _checked(part: str, settings: Settings) -> Settings:
    from bot import logs
    from bot.services.parts import Part, check_part

    check_part(Part(part), settings)
    logs.configure(settings.log_level)
    return settings
