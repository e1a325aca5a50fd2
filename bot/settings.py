"""Every setting, declared once. Environment variables `CONGDANSO_*`; `.env` is read too, and
secrets come from files as well (bot.secret_files).

`congdanso settings` prints them with secrets masked; docs/settings.md has the same table, and a
test compares the two.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from bot.errors import SettingsError
from bot.secret_files import SecretFiles
from bot.settings_checks import check_together

ROOT = Path(__file__).resolve().parent.parent


class TelegramMode(StrEnum):
    """How updates come in."""

    POLLING = "polling"
    WEBHOOK = "webhook"


class UpdateMode(StrEnum):
    """How updates of the Zalo Bot Platform come in."""

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
        "",
        repr=False,
        description="PostgreSQL address (postgresql://…). Empty: SQLite under var_dir.",
    )
    data_key: SecretStr = Field(
        SecretStr(""),
        description="Base64 of 32 random bytes that encrypt stored messages. Empty: var_dir/key.",
    )
    data_key_file: Path | None = Field(
        None, description="File with the data key, instead of data_key or var_dir/key."
    )
    backup_dir: Path | None = Field(
        None, description="Folder for a backup every night. Empty: none is made."
    )
    backup_keep: int = Field(14, ge=1, le=1000, description="Nightly backups kept.")
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
    zalo_oa_app_id: str = Field(
        "",
        pattern="^[0-9]{1,40}$|^$",
        description="Id of the app at developers.zalo.me. Empty: no Official Account on Zalo.",
    )
    zalo_oa_app_secret: SecretStr = Field(
        SecretStr(""), description="The app's secret key, for its tokens."
    )
    zalo_oa_webhook_secret: SecretStr = Field(
        SecretStr(""), description="The OA secret key of the app's webhook page, for signatures."
    )
    zalo_oa_billed: bool = Field(
        False,
        description="Send between 48 hours and 7 days after a person's last message, which costs.",
    )
    zalo_oa_per_minute: int = Field(
        4000,
        ge=1,
        le=100_000,
        description="Zalo OA requests a minute: of all workers, or of each process of `serve`.",
    )
    zalo_oa_timeout: float = Field(
        10.0, gt=0, le=60, description="Seconds to wait for an answer of Zalo's OA API."
    )
    zalo_oa_api_url: str = Field(
        "https://openapi.zalo.me", description="Base address of Zalo's OA API."
    )
    zalo_oa_oauth_url: str = Field(
        "https://oauth.zaloapp.com", description="Base address of Zalo's token server."
    )
    zalo_oa_file_hosts: str = Field(
        "zdn.vn,zadn.vn,zalo.me",
        description="Hosts, each with those below it, from which people's pictures are fetched.",
    )
    zalo_bot_token: SecretStr = Field(
        SecretStr(""), description="Token of a bot on the Zalo Bot Platform. Empty: no such bot."
    )
    zalo_bot_mode: UpdateMode = Field(
        UpdateMode.POLLING, description="polling, or webhook (needs public_url and a secret)."
    )
    zalo_bot_webhook_secret: SecretStr = Field(
        SecretStr(""),
        description="8-256 of A-Z a-z 0-9 _ -; the Zalo Bot Platform sends it with every update.",
    )
    zalo_bot_api_url: str = Field(
        "https://bot-api.zaloplatforms.com", description="Base address of Zalo's Bot API."
    )
    zalo_bot_timeout: float = Field(
        10.0, gt=0, le=120, description="Seconds to wait for an answer of Zalo's Bot API."
    )
    zalo_bot_people_most: int = Field(
        50, ge=0, description="People the plan of the Zalo bot allows; 0: any number."
    )
    zalo_bot_month_most: int = Field(
        3000, ge=0, description="Messages a month the plan of the Zalo bot allows; 0: any number."
    )
    zalo_bot_file_hosts: str = Field(
        "zdn.vn,zadn.vn,zalo.me,zaloplatforms.com",
        description="Hosts, each with those below it, from which the Zalo bot fetches pictures.",
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
        8,
        ge=1,
        le=50,
        description=(
            "How often a message is tried before it counts as failed. "
            "After four sends of which nobody knows whether they were shown it does too."
        ),
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
    web_chats_per_hour: int = Field(
        600,
        ge=1,
        description="New web chats one address may begin in an hour (CGNAT: many people).",
    )
    messages_per_minute: int = Field(
        120,
        ge=0,
        description="Messages one account on Telegram or Zalo may send in a minute; what is more is"
        " left, and its sender told so. 0 = no limit.",
    )
    intranet: str = Field(
        "",
        description="Networks and hosts inside that lists of bad sites may be fetched from, "
        "such as 10.20.0.0/16. Empty: the public internet only.",
    )

    voice: bool = Field(
        True, description="Hear voice notes where the extra congdanso[voice] is installed."
    )
    voice_seconds: int = Field(
        120,
        ge=5,
        le=600,
        description="Seconds of a voice note that is heard; a longer one can go to a helper.",
    )
    voice_memory_mb: int = Field(
        1000, ge=600, le=16_000, description="Megabytes of address space of what hears voice notes."
    )

    retention_days: int = Field(
        90, ge=1, description="Days after which the text of messages is erased."
    )
    chat_days: int = Field(
        365,
        ge=30,
        le=3650,
        description="Days after which nothing is kept of somebody who was not heard of any more.",
    )
    label_days: int = Field(
        730, ge=1, description="Days after which sentences labelled for training are erased."
    )
    train_drop_points: float = Field(
        0.5,
        ge=0,
        le=100,
        description="Points of accuracy in scope that a newly trained model may lose.",
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
    staff_idle_minutes: int = Field(
        120,
        ge=5,
        le=43_200,
        description="Minutes without a page opened after which staff must log in again.",
    )
    staff_invite_hours: int = Field(
        72, ge=1, le=720, description="Hours a link to set one's own password works."
    )
    secure_cookies: bool = Field(
        False, description="Send cookies over HTTPS only; set it when public_url is https."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, the environment, `.env`, files of secrets."""
        named: dict[str, str | None] = {}
        for source in (dotenv_settings, env_settings):
            assert isinstance(source, EnvSettingsSource)
            named |= source.env_vars
        files = SecretFiles(settings_cls, named, "CONGDANSO_", secret_settings())
        return init_settings, env_settings, dotenv_settings, files

    @field_validator("backup_dir", "data_key_file", mode="before")
    @classmethod
    def _no_folder(cls, value: object) -> object:
        # An empty variable would be the program's own folder.
        return value or None

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
    def https(self) -> bool:
        """Whether people reach this server over HTTPS: cookies travel over nothing else then."""
        return self.secure_cookies or self.public_url.startswith("https://")

    @property
    def zalo(self) -> bool:
        """Whether people reach this server through Zalo."""
        return bool(self.zalo_oa_app_id or self.zalo_bot_token.get_secret_value())

    @property
    def base_url(self) -> str:
        """Where people reach this server."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")


def secret_settings() -> tuple[str, ...]:
    """The settings that may come from a file: every secret but the data key, whose file is read
    again while the program runs (`data_key_file`), and the database's address with its password."""
    secrets = (n for n, field in Settings.model_fields.items() if field.annotation is SecretStr)
    return (*(name for name in secrets if name != "data_key"), "database_url")


def load_settings(**overrides: object) -> Settings:
    """Settings from the environment. Raises SettingsError that names each wrong variable."""
    try:
        settings = Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        lines = [_explain(str(e["loc"][0]), e["msg"]) for e in error.errors()]
        raise SettingsError("; ".join(lines)) from error
    check_together(settings)
    return settings


def _explain(field: str, message: str) -> str:
    info = Settings.model_fields.get(field)
    right = f" ({info.description})" if info and info.description else ""
    return f"CONGDANSO_{field.upper()}: {message}{right}"
