"""The parts of the program that can run as processes of their own, on PostgreSQL."""

from __future__ import annotations

from enum import StrEnum

from bot.errors import SettingsError
from bot.settings import Settings, TelegramMode, UpdateMode


class Part(StrEnum):
    """What a process does; `ALL` is `congdanso serve`."""

    ALL = "serve"
    #: HTTP: webhooks, web chat, console, members' pages.
    WEB = "web"
    #: Works conversations off and sends what they say.
    WORKER = "worker"
    #: Everything by the clock.
    SCHEDULER = "scheduler"

    @property
    def serves(self) -> bool:
        """Whether people and platforms reach it."""
        return self in (Part.ALL, Part.WEB)

    @property
    def works(self) -> bool:
        """Whether it handles conversations."""
        return self in (Part.ALL, Part.WORKER)

    @property
    def clocks(self) -> bool:
        """Whether it does what is due by the clock."""
        return self in (Part.ALL, Part.SCHEDULER)


def owner_name(part: Part, token: str) -> str:
    """How a process is named in leases and in the record of jobs."""
    return token if part is Part.ALL else f"{part}-{token}"


def part_of(owner: str) -> Part:
    """Which part a process of that name is."""
    name, dash, _ = owner.partition("-")
    return Part(name) if dash and name in list(Part) else Part.ALL


def check_part(part: Part, settings: Settings) -> None:
    """SettingsError naming the setting that does not go with a part of its own."""
    if part is Part.ALL:
        return
    if not settings.database_url:
        raise SettingsError(
            f"CONGDANSO_DATABASE_URL: `congdanso {part}` needs PostgreSQL (postgresql://…), since "
            "SQLite is for one process; on SQLite run `congdanso serve`, which does everything"
        )
    polls = {
        "CONGDANSO_TELEGRAM_MODE": settings.telegram_mode is TelegramMode.POLLING
        and settings.telegram_token.get_secret_value(),
        "CONGDANSO_ZALO_BOT_MODE": settings.zalo_bot_mode is UpdateMode.POLLING
        and settings.zalo_bot_token.get_secret_value(),
    }
    for name, wrong in polls.items():
        if wrong:
            raise SettingsError(
                f"{name}: must be webhook with `congdanso {part}`, since only one process may "
                "poll; or run `congdanso serve`"
            )
