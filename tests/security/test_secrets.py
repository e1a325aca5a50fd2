"""Secrets come from the environment or from files, and are shown nowhere."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest
import structlog
from pydantic import SecretStr
from typer.testing import CliRunner

from bot import logs
from bot.cli import app
from bot.cli.run import shown
from bot.errors import SettingsError
from bot.services.keys import key_path, open_vault
from bot.services.runtime import Runtime
from bot.settings import Settings, load_settings, secret_settings

#: What is looked for everywhere; it looks like nothing else.
HIDDEN = "s3cr3t-nowhere-to-be-seen"
SECRETS = sorted(n for n, f in Settings.model_fields.items() if f.annotation is SecretStr)


@pytest.fixture(autouse=True)
def away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without an `.env`."""
    monkeypatch.chdir(tmp_path)


def test_every_setting_with_a_secret_in_it_is_hidden_by_its_type() -> None:
    """By its name: what is called so must be a SecretStr."""
    words = ("token", "secret", "password", "_key")
    named = {n for n in Settings.model_fields if any(word in n for word in words)}
    assert named - set(SECRETS) == {"data_key_file"}
    assert set(secret_settings()) == {*SECRETS, "database_url"} - {"data_key"}


@pytest.mark.parametrize("name", sorted(secret_settings()))
def test_a_secret_comes_from_a_file(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = "postgresql://u:p@127.0.0.1/d" if name == "database_url" else HIDDEN
    file = tmp_path / "secret"
    file.write_text(f"{value}\n")
    monkeypatch.setenv(f"CONGDANSO_{name.upper()}_FILE", str(file))
    found = getattr(load_settings(), name)
    assert (found.get_secret_value() if isinstance(found, SecretStr) else found) == value


def test_a_file_named_in_dot_env(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(HIDDEN)
    (tmp_path / ".env").write_text(f"CONGDANSO_TELEGRAM_TOKEN_FILE={tmp_path / 'token'}\n")
    assert load_settings().telegram_token.get_secret_value() == HIDDEN


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "cannot be read"),
        (b"", "must hold the value"),
        (b" \n", "must hold the value"),
        (b"\xff\xfe", "must be text"),
        (b"x" * 70_000, "must hold the value"),
    ],
)
def test_a_bad_file_is_named(
    content: bytes | None, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv("CONGDANSO_TELEGRAM_TOKEN_FILE", str(file))
    with pytest.raises(SettingsError, match=rf"CONGDANSO_TELEGRAM_TOKEN_FILE: .*{why}"):
        load_settings()


def test_both_ways_at_once_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_text(HIDDEN)
    monkeypatch.setenv("CONGDANSO_TELEGRAM_TOKEN_FILE", str(tmp_path / "secret"))
    monkeypatch.setenv("CONGDANSO_TELEGRAM_TOKEN", HIDDEN)
    with pytest.raises(SettingsError, match="set one of them, not both") as caught:
        load_settings()
    assert HIDDEN not in str(caught.value)


def test_the_data_key_in_a_file_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "key"
    file.write_text("A" * 43 + "=\n")
    monkeypatch.setenv("CONGDANSO_DATA_KEY_FILE", str(file))
    settings = load_settings()
    assert key_path(settings) == file
    assert open_vault(settings).open(open_vault(settings).seal(b"x", "p"), "p") == b"x"
    monkeypatch.setenv("CONGDANSO_DATA_KEY", "A" * 43 + "=")
    with pytest.raises(SettingsError, match="CONGDANSO_DATA_KEY_FILE: set one of them"):
        load_settings()


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    """Settings in which every secret is HIDDEN."""
    for name in SECRETS:
        monkeypatch.setenv(f"CONGDANSO_{name.upper()}", HIDDEN)
    monkeypatch.setenv("CONGDANSO_DATABASE_URL", f"postgresql://u:{HIDDEN}@127.0.0.1:5432/d")
    monkeypatch.setenv("CONGDANSO_VAR_DIR", str(tmp_path))
    return load_settings()


def test_settings_show_no_secret(full: Settings) -> None:
    printed = CliRunner().invoke(app, ["settings"], env={"COLUMNS": "300"})
    assert printed.exit_code == 0
    assert printed.output.count("******") == len(SECRETS) + 1
    assert HIDDEN not in printed.output
    hidden = full.model_copy(update={"database_url": ""})
    for text in (repr(full), str(full), hidden.model_dump_json(), repr(hidden.model_dump())):
        assert HIDDEN not in text
    assert "******" in shown(full.database_url)


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://u:{HIDDEN}@h/d",
        f"postgresql://h/d?user=u&password={HIDDEN}",
        f"postgresql://u:{HIDDEN}@h/d?x=@y",
    ],
)
def test_a_database_address_is_shown_without_its_password(url: str) -> None:
    assert HIDDEN not in shown(url)
    assert HIDDEN not in repr(Settings(_env_file=None, database_url=url))


@pytest.mark.parametrize("name", SECRETS)
def test_a_refused_setting_does_not_say_the_secret(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"CONGDANSO_{name.upper()}", HIDDEN)
    monkeypatch.setenv("CONGDANSO_PORT", "no port")
    monkeypatch.setenv("CONGDANSO_ZALO_OA_APP_ID", HIDDEN)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert "CONGDANSO_PORT" in str(caught.value)
    assert HIDDEN not in str(caught.value)


def test_a_wrong_data_key_is_not_said(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, var_dir=tmp_path, data_key=SecretStr(HIDDEN))
    with pytest.raises(SettingsError, match="must be base64") as caught:
        open_vault(settings)
    assert HIDDEN not in str(caught.value)


def test_a_runtime_shows_no_secret(runtime: Runtime) -> None:
    made = repr(runtime) + repr(runtime.vault)
    assert bytes(range(32)).hex() not in made
    assert repr(bytes(range(32))) not in made


def test_libraries_log_no_address_with_a_token(capfd: pytest.CaptureFixture[str]) -> None:
    """httpx says each address it asks at level INFO; a bot's address holds its token."""
    import logging

    logs.configure("debug")
    for name in ("httpx", "httpcore.http11", "telegram.Bot", "telegram.ext"):
        logging.getLogger(name).info("HTTP Request: POST /bot%s/getMe", HIDDEN)
        logging.getLogger(name).warning("/bot%s/getMe", HIDDEN)
    answer = httpx.Response(401, request=httpx.Request("GET", f"http://h/bot{HIDDEN}/getMe"))
    with pytest.raises(httpx.HTTPStatusError) as caught:
        answer.raise_for_status()
    structlog.get_logger().warning("asked", error=caught.value, token=SecretStr(HIDDEN))
    out, err = capfd.readouterr()
    assert "asked" in err
    assert HIDDEN not in out + err
    assert json.loads(err.strip().splitlines()[-1])["level"] == "warning"


def test_a_token_in_what_is_logged_is_taken_out() -> None:
    """Whatever comes into a line by an error's text."""
    line = {
        "event": f"https://api.telegram.org/bot123456:{HIDDEN}/getMe",
        "error": ValueError(f"Authorization: Bearer {HIDDEN}"),
        "url": f"postgresql://u:{HIDDEN}@h/d",
        "access_token": HIDDEN,
        "count": 3,
    }
    cleaned = logs.without_secrets(None, "info", dict(line))
    assert HIDDEN not in repr(cleaned)
    assert cleaned["count"] == 3
    assert str(cleaned["event"]).startswith("https://api.telegram.org/bot*")
