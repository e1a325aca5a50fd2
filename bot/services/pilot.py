"""How much of the Zalo bot's plan is used: the free one is a pilot for few people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from bot.dialogue.calendar import VIETNAM
from bot.domain.channels import ZALO_BOT
from bot.settings import Settings
from bot.store import usage


@dataclass(frozen=True, slots=True)
class Limits:
    """People who write to the bot, messages sent this month, and what the plan allows of each: 0
    when it allows any number. `sent` is counted from what is still in the outbox: conversations
    that were erased are missing.
    """

    people: int
    people_most: int
    sent: int
    sent_most: int

    @property
    def near(self) -> bool:
        """Whether nine tenths of something are used: it is time for an Official Account."""
        used = ((self.people, self.people_most), (self.sent, self.sent_most))
        return any(most and 10 * now >= 9 * most for now, most in used)


def limits(connection: Connection, settings: Settings, now: datetime) -> Limits:
    """What is used now; months are Vietnam's."""
    month = now.astimezone(VIETNAM).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return Limits(
        usage.people(connection, ZALO_BOT),
        settings.zalo_bot_people_most,
        usage.sent_since(connection, ZALO_BOT, month),
        settings.zalo_bot_month_most,
    )


def limits_if_used(connection: Connection, settings: Settings, now: datetime) -> Limits | None:
    """The same where there is such a bot; None elsewhere."""
    if not settings.zalo_bot_token.get_secret_value():
        return None
    return limits(connection, settings, now)
