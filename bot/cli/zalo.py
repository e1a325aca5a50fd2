"""zalo connect, zalo status: the Official Account on Zalo."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from bot.settings import Settings, load_settings

if TYPE_CHECKING:
    from bot.channels.zalo_oa.oauth import OAuth
    from bot.services.runtime import Runtime
    from bot.store.zalo_tokens import Pair, Standing

group = typer.Typer(help="The Official Account on Zalo.", no_args_is_help=True)
_STEPS = """
1. Open this address in a browser where an admin of the Official Account is logged in to Zalo:

   {url}

2. Choose the account, and allow the app what it asks for.
3. The browser goes to an address that begins with {back}?… .
   It works for ten minutes, once. Copy all of it, and paste it here.
"""


@group.callback()
def _zalo() -> None:
    """The Official Account on Zalo."""


@group.command()
def connect(
    by_token: Annotated[
        bool,
        typer.Option(
            "--refresh-token",
            help="Ask for a refresh token (as the API Explorer shows one) in place of an address.",
        ),
    ] = False,
) -> None:
    """Let the program speak for the account: once, and again when Zalo has taken that back."""
    settings = _configured()
    if by_token:
        token = typer.prompt("Refresh token", hide_input=True).strip()
        pair, oa_id = _ask(settings, lambda oauth, now: oauth.refresh(token, now)), ""
    else:
        pair, oa_id = _by_address(settings)
    from bot.app import open_runtime
    from bot.store import zalo_tokens

    runtime = open_runtime(settings)
    app_id = settings.zalo_oa_app_id
    try:
        runtime.db.write_now(
            lambda c: zalo_tokens.connect(c, runtime.vault, app_id, oa_id, pair, runtime.now())
        )
        print(f"connected: Official Account {oa_id or '(number not told)'}")
        _show(runtime)
    finally:
        runtime.db.close()


@group.command()
def status() -> None:
    """Say how the connection is. Ends with 1 when nothing can be sent."""
    from bot.app import open_runtime

    settings = _configured()
    runtime = open_runtime(settings)
    try:
        works = _show(runtime)
    finally:
        runtime.db.close()
    raise typer.Exit(0 if works else 1)


def _configured() -> Settings:
    from bot.errors import SettingsError

    settings = load_settings()
    if not settings.zalo_oa_app_id:
        raise SettingsError(
            "CONGDANSO_ZALO_OA_APP_ID: is not set; docs/operations.md says where to find it"
        )
    return settings


def _by_address(settings: Settings) -> tuple[Pair, str]:
    import secrets

    from bot.channels.zalo_oa.calls import Calls
    from bot.channels.zalo_oa.oauth import RETURN_PATH, OAuth, read_return

    state, verifier = secrets.token_urlsafe(16), secrets.token_urlsafe(32)
    url = OAuth(settings, Calls(1, 1)).permission_url(state, verifier)
    print(_STEPS.format(url=url, back=f"{settings.base_url}{RETURN_PATH}"))
    returned = read_return(typer.prompt("The address"), state)
    pair = _ask(settings, lambda oauth, now: oauth.exchange(returned.code, verifier, now))
    return pair, returned.oa_id


def _ask(settings: Settings, work: Callable[[OAuth, datetime], Awaitable[Pair]]) -> Pair:
    """A pair from Zalo's token server. ChannelError."""
    from bot.channels.zalo_oa.calls import Calls
    from bot.channels.zalo_oa.oauth import OAuth
    from bot.services.runtime import utc_now

    async def ask() -> Pair:
        calls = Calls(settings.zalo_oa_timeout, 1)
        try:
            return await work(OAuth(settings, calls), utc_now())
        finally:
            await calls.close()

    return asyncio.run(ask())


def _show(runtime: Runtime) -> bool:
    """Print how the connection is; whether something can be sent."""
    from bot.store import windows, zalo_tokens

    app_id = runtime.settings.zalo_oa_app_id
    found = runtime.db.read_now(lambda c: zalo_tokens.standing(c, app_id))
    if found is None:
        print(f"app {app_id}: not connected; run: congdanso zalo connect")
        return False
    now = runtime.now()
    print(f"app {app_id}, Official Account {found.oa_id or '(number not told)'}")
    print(f"access token: {_left(found.expires_at, now)}, stored {_when(found.stored_at)}")
    print(f"refresh token: {_left(found.refresh_until, now)}")
    for line in _troubles(found):
        print(line)
    print(f"people whose messages wait until they write: {runtime.db.read_now(windows.waiting)}")
    return found.expires_at > now


def _troubles(found: Standing) -> list[str]:
    lines = []
    if found.problem:
        lines.append(f"problem: {found.problem} (tried {found.failures} times)")
    if found.lost:
        lines.append("the refresh token is spent: run: congdanso zalo connect")
    elif found.used_at is not None:
        lines.append(
            f"in doubt: the refresh token was sent {_when(found.used_at)}, and no answer was "
            "stored; it is tried again by itself"
        )
    return lines


def _left(until: datetime, now: datetime) -> str:
    if until <= now:
        return f"expired {_when(until)}"
    hours = (until - now) // timedelta(hours=1)
    left = f"{hours // 24} days" if hours >= 48 else f"{hours} hours"
    return f"works until {_when(until)} ({left})"


def _when(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC")
