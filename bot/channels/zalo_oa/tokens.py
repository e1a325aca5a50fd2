"""The access token, kept fresh: one process at a time trades the refresh token for a new pair.

The new pair is in the database before anybody uses it. An answer that never came leaves the token
in doubt: it is tried again, and /readyz, the metrics and `congdanso zalo status` say so. When Zalo
says that it is spent, the account must be connected again; the access token works on until it ends,
since it is traded hours before that.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.zalo_oa.calls import ServerTrouble
from bot.channels.zalo_oa.oauth import OAuth, Refused
from bot.errors import ChannelError, NotConnected, NotSent, StoreError
from bot.services.runtime import Runtime
from bot.store import zalo_tokens
from bot.store.zalo_tokens import Access, Begun, Pair, Standing, Wait

log = structlog.get_logger(__name__)

#: A token lives 25 hours. What goes wrong is seen, and mended, while the old one still works.
EARLY = timedelta(hours=6)
_TRY_AGAIN_FIRST = timedelta(seconds=30)
_TRY_AGAIN_MOST = timedelta(hours=1)
_LOOK_AGAIN = 0.1
_SPARE_SECONDS = 10.0
_STORE_TRIES = 5
_CONNECT = "run: congdanso zalo connect"


class Tokens:
    """Tokens of the configured app."""

    def __init__(self, runtime: Runtime, oauth: OAuth) -> None:
        self._runtime = runtime
        self._oauth = oauth
        self._app_id = runtime.settings.zalo_oa_app_id
        self._known: Access | None = None
        self._one = asyncio.Lock()
        self._trading: asyncio.Task[Access] | None = None

    @property
    def oa_id(self) -> str:
        """The connected account; "" while it is not known."""
        return self._known.oa_id if self._known else ""

    async def access(self) -> Access:
        """A token to send with. NotConnected when there is none that works."""
        now = self._runtime.now()
        if self._known is None or self._known.expires_at <= now:
            self._known = await self._stored()
        if self._known is None:
            raise NotConnected(f"not connected; {_CONNECT}")
        if self._known.expires_at <= now:
            return await self.renew(self._known.version)
        return self._known

    async def renew(self, seen: int) -> Access:
        """A newer token than that of version `seen`. NotConnected when there is none to be had."""
        async with self._one:
            if self._known is not None and self._known.version > seen:
                return self._known
            self._known = await self._newer(seen)
            return self._known

    async def finish(self) -> None:
        """Let a trade that has begun come to its end: half of one would cost the connection."""
        if self._trading is not None:
            await asyncio.wait([self._trading])

    async def tend(self) -> Standing | None:
        """Trade in good time; called by the clock. Returns how the connection is."""
        found = await self._standing()
        if found is not None and found.expires_at - self._runtime.now() <= EARLY:
            try:
                await self.renew(found.version)
            except ChannelError as error:
                log.info("zalo token not renewed", why=str(error)[:80])
            found = await self._standing()
        if found is not None and (self._known is None or self._known.version < found.version):
            # Another process has traded, or somebody has connected the account anew.
            self._known = await self._stored()
        return found

    async def _standing(self) -> Standing | None:
        return await self._runtime.db.read(lambda c: zalo_tokens.standing(c, self._app_id))

    async def _stored(self) -> Access | None:
        vault = self._runtime.vault
        return await self._runtime.db.read(lambda c: zalo_tokens.access(c, vault, self._app_id))

    async def _newer(self, seen: int) -> Access:
        """Trade, or wait for the process that does."""
        runtime = self._runtime
        lease = runtime.settings.zalo_oa_timeout + 2 * _SPARE_SECONDS
        patience = asyncio.get_running_loop().time() + lease
        while True:
            now = runtime.now()
            until = now + timedelta(seconds=lease)
            begun = await runtime.db.write(
                lambda c, now=now, until=until: zalo_tokens.begin(  # type: ignore[misc]
                    c, runtime.vault, self._app_id, seen, runtime.owner, now, until
                )
            )
            match begun:
                case Access():
                    return begun
                case Begun():
                    # Whoever waits for it may be stopped; the trade goes on to its end.
                    self._trading = asyncio.create_task(self._trade(begun))
                    return await asyncio.shield(self._trading)
                case Wait(busy=True) if asyncio.get_running_loop().time() < patience:
                    await asyncio.sleep(_LOOK_AGAIN)
                case Wait():
                    raise NotConnected(begun.problem or "the token is being renewed")

    async def _trade(self, begun: Begun) -> Access:
        try:
            pair = await self._oauth.refresh(begun.refresh, self._runtime.now())
        except ChannelError as error:
            await self._failed(begun, error)
            raise NotConnected(str(error)) from error
        await self._keep(begun, pair)
        self._count("ok")
        log.info("zalo token renewed", version=begun.version + 1)
        found = await self._stored()
        if found is None:
            raise NotConnected(f"not connected; {_CONNECT}")
        return found

    async def _keep(self, begun: Begun, pair: Pair) -> None:
        """Store the pair. There is no other one, so a database that hesitates is asked again."""
        runtime = self._runtime
        for left in reversed(range(_STORE_TRIES)):
            try:
                kept = await runtime.db.write(
                    lambda c: zalo_tokens.keep(
                        c, runtime.vault, self._app_id, begun.version, pair, runtime.now()
                    )
                )
            except (SQLAlchemyError, StoreError) as error:
                log.error("zalo token not stored", error=type(error).__name__, again=left > 0)
                if not left:
                    raise NotConnected("the new token could not be stored") from error
                await asyncio.sleep(1.0)
            else:
                if not kept:
                    log.warning("zalo token not needed: the account was connected anew")
                return

    async def _failed(self, begun: Begun, error: ChannelError) -> None:
        lost = isinstance(error, Refused) and error.spent
        # After a 5xx, too, the token may be spent.
        unsent = isinstance(error, NotSent) and not isinstance(error, ServerTrouble)
        sent = begun.doubt or not unsent
        if lost:
            self._count("lost")
        elif isinstance(error, Refused):
            self._count("refused")
        else:
            self._count("not_sent" if unsent else "unsure")
        problem = f"{error}; {_CONNECT}" if lost else str(error)
        log.error("zalo token not renewed", lost=lost, doubt=sent, why=str(error)[:80])
        runtime = self._runtime
        found = await self._standing()
        later = _next_try(runtime.now(), found)
        await runtime.db.write(
            lambda c: zalo_tokens.failed(
                c, self._app_id, begun.version, runtime.owner, problem, later, sent=sent, lost=lost
            )
        )

    def _count(self, result: str) -> None:
        self._runtime.metrics.zalo_refreshes.labels(result).inc()


def _next_try(now: datetime, found: Standing | None) -> datetime:
    """When to trade again after a failure: later each time, but soon once the old token has ended,
    since nobody is answered without one."""
    tries = min(found.failures if found else 0, 10)
    later: datetime = now + min(_TRY_AGAIN_FIRST * 2**tries, _TRY_AGAIN_MOST)
    if found is None:
        return later
    return min(later, max(now, found.expires_at) + _TRY_AGAIN_FIRST)
