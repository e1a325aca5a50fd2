"""What every service needs, made once by the composition root."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.services.metrics import Metrics
from bot.services.plan import Plan, load_plan
from bot.settings import Settings
from bot.store.crypto import Vault
from bot.store.db import Database


def utc_now() -> datetime:
    """The one clock of the program."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Runtime:
    """`owner` names this process in leases."""

    settings: Settings
    db: Database
    vault: Vault
    metrics: Metrics = field(default_factory=Metrics)
    now: Callable[[], datetime] = utc_now
    owner: str = field(default_factory=lambda: secrets.token_hex(8))

    @property
    def plan(self) -> Plan:
        """What the handoff goes by."""
        return load_plan(self.settings, self.now())
