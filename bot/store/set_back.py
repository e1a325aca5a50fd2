"""What the database holds of a time that has not come, once the clock was set back."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, update

from bot.models.schema import chats

#: Longer than any lease (CONGDANSO_LEASE_SECONDS) and than clocks of two machines differ.
_FAR = timedelta(minutes=6)
#: Beyond this nobody waits for a time, but for a person to write (bot.store.windows).
_HELD = timedelta(days=365)


def release(connection: Connection, now: datetime) -> None:
    """Leases that end too late to be anybody's end now, and what waits to be tried again is tried.

    Without this a conversation whose worker died would be left alone for as long as the clock was
    set back.
    """
    for until in (chats.c.lease_until, chats.c.send_until):
        late = update(chats).where(until > now + _FAR)
        connection.execute(late.values({until: now}))
    waits = chats.c.send_after.between(now, now + _HELD)
    connection.execute(update(chats).where(waits).values(send_after=now))
