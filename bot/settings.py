"""Every setting, declared once. Environment variables `CONGDANSO_*`; `.env` is read too.

`congdanso settings` prints them with secrets masked; docs/settings.md has the same table, and a
test compares the two.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import SettingsError

ROOT = Path(__file__).resolve().parent.parent


class TelegramMode(StrEnum):
    """How updates come in."""

    POLLING = "polling"
    WEBHOOK = "webhook"


class Nlu(StrEnum):
    """What understands messages."""

    EMBEDDED = "embedded"
    RASA = "rasa"


class Settings(BaseSettings):
    """What an operator can set. Every default works on a laptop with nothing configured."""

    model_config = SettingsConfigDict(
        env_prefix="CONGDANSO_", env_file=".env", extra="ignore", frozen=True
    )

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 picks a free one.")
    public_url: str = Field(
        "", description="Address people reach this server at; for webhooks and helpers' links."
    )
    var_dir: Path = Field(
        Path("var"), description="Folder for the database, the data key and trained models."
    )
    content_dir: Path = Field(ROOT / "content", description="Folder of guides and phrases.")
    content_seconds: float = Field(
        5.0,
        ge=0,
        le=3600,
        description="Seconds between looks for changed content; 0: it is read at start only.",
    )
    cards_mb: int = Field(
        100, ge=1, le=100_000, description="Megabytes of drawn step cards kept under var_dir."
    )
    database_url: str = Field(
        "", description="PostgreSQL address (postgresql://…). Empty: SQLite under var_dir."
    )
    data_key: SecretStr = Field(
        SecretStr(""),
        description="Base64 of 32 random bytes that encrypt stored messages. Empty: var_dir/key.",
    )
    log_level: str = Field("info", pattern="^(debug|info|warning|error)$", description="Log level.")

    nlu: Nlu = Field(
        Nlu.EMBEDDED,
        description="embedded, or rasa (needs a Rasa server; embedded answers while it is down).",
    )
    rasa_url: str = Field("http://127.0.0.1:5005", description="Address of the Rasa server.")
    rasa_timeout: float = Field(
        1.0, ge=0.05, le=30, description="Seconds to wait for Rasa's answer to one message."
    )
    rasa_failures: int = Field(
        3, ge=1, le=100, description="Failures in a row after which Rasa is left alone."
    )
    rasa_pause_seconds: float = Field(
        10.0, ge=0.1, le=3600, description="Seconds between looks at Rasa, also while it is down."
    )

    telegram_token: SecretStr = Field(
        SecretStr(""), description="Bot token from @BotFather. Empty: no Telegram."
    )
    telegram_name: str = Field(
        "",
        pattern="^@?[A-Za-z0-9_]{5,32}$|^$",
        description="The bot's @name on Telegram, for links and posters. Empty: none are made.",
    )
    zalo_url: str = Field(
        "",
        pattern="^https://[^ ]{4,200}$|^$",
        description="Address that opens the account on Zalo, for posters. Empty: no Zalo on them.",
    )
    telegram_mode: TelegramMode = Field(
        TelegramMode.POLLING, description="polling, or webhook (needs public_url and a secret)."
    )
    telegram_webhook_secret: SecretStr = Field(
        SecretStr(""), description="1-256 of A-Z a-z 0-9 _ -; Telegram sends it with every update."
    )
    telegram_api_url: str = Field(
        "https://api.telegram.org/bot", description="Base address of the Bot API."
    )
    telegram_timeout: float = Field(
        10.0, gt=0, le=120, description="Seconds to wait for an answer of the Bot API."
    )

    send_per_second: float = Field(
        30.0, ge=0, description="Telegram messages a second, all chats together; 0 = no limit."
    )
    send_per_chat_second: float = Field(
        1.0, ge=0, description="Telegram messages a second to one private chat; 0 = no limit."
    )
    send_per_group_minute: float = Field(
        20.0, ge=0, description="Telegram messages a minute to one group; 0 = no limit."
    )
    send_attempts: int = Field(
        8, ge=1, le=50, description="How often a message is tried before it counts as failed."
    )
    send_at_once: int = Field(16, ge=1, le=256, description="Telegram requests under way at once.")
    lease_seconds: float = Field(
        6.0, gt=0.2, le=300, description="Seconds a worker that died keeps a conversation."
    )
    poll_seconds: float = Field(
        1.0, gt=0.02, le=60, description="Seconds between looks for work nobody woke it for."
    )
    max_body_bytes: int = Field(
        1_000_000, ge=10_000, description="Largest request body a webhook or the web chat takes."
    )
    web_messages_per_minute: int = Field(
        60, ge=1, description="Messages one web chat may send in a minute."
    )

    retention_days: int = Field(
        90, ge=1, description="Days after which the text of messages is erased."
    )
    recall_days: int = Field(
        14,
        ge=1,
        le=365,
        description="Days for which it is remembered who was shown which guide, for corrections.",
    )
    followup_days: int = Field(
        3, ge=1, le=60, description="Days after a finished guide until the bot asks how it went."
    )
    holidays: str = Field(
        "",
        description="iCalendar file of holidays, laid over content/holidays.ics. Empty: none.",
    )
    desk_link_days: int = Field(30, ge=1, le=365, description="Days a helper's page link works.")
    staff_session_hours: int = Field(
        12, ge=1, le=720, description="Hours after which staff must log in again."
    )
    secure_cookies: bool = Field(
        False, description="Send cookies over HTTPS only; set it when public_url is https."
    )

    @property
    def sqlalchemy_url(self) -> str:
        """The database address in SQLAlchemy's form."""
        url = self.database_url
        if not url:
            return f"sqlite:///{self.var_dir / 'congdanso.db'}"
        for scheme in ("postgresql://", "postgres://"):
            if url.startswith(scheme):
                return "postgresql+psycopg://" + url.removeprefix(scheme)
        return url

    @property
    def base_url(self) -> str:
        """Where people reach this server."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")


def load_settings(**overrides: object) -> Settings:
    """Settings from the environment. Raises SettingsError that names each wrong variable."""
    try:
        settings = Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        lines = [_explain(str(e["loc"][0]), e["msg"]) for e in error.errors()]
        raise SettingsError("; ".join(lines)) from error
    _check_together(settings)
    return settings


def _explain(field: str, message: str) -> str:
    info = Settings.model_fields.get(field)
    right = f" ({info.description})" if info and info.description else ""
    return f"CONGDANSO_{field.upper()}: {message}{right}"


def _check_together(settings: Settings) -> None:
    if (
        settings.telegram_mode is TelegramMode.WEBHOOK
        and settings.telegram_token.get_secret_value()
    ):
        if not settings.telegram_webhook_secret.get_secret_value():
            raise SettingsError(
                "CONGDANSO_TELEGRAM_WEBHOOK_SECRET: is needed with CONGDANSO_TELEGRAM_MODE=webhook"
            )
        if not settings.public_url:
            raise SettingsError(
                "CONGDANSO_PUBLIC_URL: is needed with CONGDANSO_TELEGRAM_MODE=webhook"
            )
    if settings.nlu is Nlu.RASA:
        _check_rasa(settings)
    if not settings.sqlalchemy_url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise SettingsError(
            "CONGDANSO_DATABASE_URL: must begin with postgresql:// (or be empty for SQLite)"
        )


def _check_rasa(settings: Settings) -> None:
    url = urlsplit(settings.rasa_url)
    try:
        right = url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
    except ValueError:
        right = False
    if not right:
        raise SettingsError("CONGDANSO_RASA_URL: must look like http://127.0.0.1:5005")
    # A conversation is not lost to another worker while its message is with Rasa.
    if settings.rasa_timeout > settings.lease_seconds / 3:
        raise SettingsError(
            "CONGDANSO_RASA_TIMEOUT: must be at most a third of CONGDANSO_LEASE_SECONDS "
            f"({settings.lease_seconds:g})"
        )
