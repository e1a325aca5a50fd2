"""Secrets that anybody could guess are told to those who can change them."""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from starlette.testclient import TestClient

from bot.console.router import console_router
from bot.services import doctor
from bot.services.findings import Verdict
from bot.services.health import unsafe
from bot.services.runtime import Runtime
from bot.services.staff import add_staff
from bot.services.weak import weak, weak_secrets
from bot.settings import Settings
from bot.weblib.deps import WebDeps
from tests.support import SQLITE

STRONG = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822c"
PASSWORD = "một mật khẩu dài"


def of(**values: object) -> tuple[str, ...]:
    return weak_secrets(Settings(_env_file=None, **values))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "secret",
    ["", "short", "a" * 40, "changeme-changeme", "telegram-secret", "congdanso-webhook",
     "1234567812345678", "abcabcabcabcabcabc", "invented-webhook-secret", "your_secret_here_1"],
)  # fmt: skip
def test_weak(secret: str) -> None:
    assert weak(secret)


@settings(max_examples=50)
@given(st.integers(16, 64))
def test_a_drawn_secret_is_not(length: int) -> None:
    assert not weak(secrets.token_hex(length))
    assert not weak(secrets.token_urlsafe(length))


def test_each_variable_by_its_name() -> None:
    assert of() == ()
    assert of(telegram_webhook_secret=SecretStr("changeme-changeme")) == (
        "CONGDANSO_TELEGRAM_WEBHOOK_SECRET",
    )
    assert of(zalo_bot_webhook_secret=SecretStr("secret-1")) == (
        "CONGDANSO_ZALO_BOT_WEBHOOK_SECRET",
    )
    assert of(telegram_webhook_secret=SecretStr(STRONG)) == ()


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("", False),
        ("postgresql://congdanso@127.0.0.1/congdanso", False),
        ("postgresql:///congdanso?host=/var/run/postgresql", False),
        (f"postgresql://congdanso:{STRONG}@db/congdanso", False),
        ("postgresql://congdanso@db.tinh.vn/congdanso", True),
        ("postgresql://postgres:postgres@127.0.0.1/congdanso", True),
        ("postgresql://congdanso:congdanso@db/congdanso", True),
        ("postgresql://db/congdanso?user=a&password=12345678", True),
    ],
)
def test_the_database(address: str, told: bool) -> None:
    assert of(database_url=address) == (("CONGDANSO_DATABASE_URL",) if told else ())


@pytest.mark.parametrize(
    ("key", "told"),
    [
        (bytes(32), True),
        (bytes(range(32)), True),
        (b"0123456701234567" * 2, True),
        (os.urandom(32), False),
    ],
    ids=["zeros", "counted", "typed", "random"],
)
def test_a_data_key_that_was_typed(key: bytes, told: bool) -> None:
    found = of(data_key=SecretStr(base64.b64encode(key).decode()))
    assert found == (("CONGDANSO_DATA_KEY",) if told else ())


def test_health_and_doctor_tell(tmp_path: Path) -> None:
    made = Settings(
        _env_file=None, var_dir=tmp_path, telegram_webhook_secret=SecretStr("changeme-changeme")
    )
    assert unsafe(made)[-1] == "CONGDANSO_TELEGRAM_WEBHOOK_SECRET"
    found = doctor.examine(made, lambda: doctor.Counted(0, 0))
    (told,) = [each for each in found if "could be guessed" in each.said]
    assert told.verdict is Verdict.WARN
    assert "openssl rand" in told.todo
    assert "changeme" not in repr(found)


@SQLITE
@pytest.mark.parametrize("role", ["viewer", "admin"])
def test_admins_see_it_on_every_page(runtime: Runtime, role: str) -> None:
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    weak_one = {"telegram_webhook_secret": SecretStr("changeme-changeme")}
    runtime.settings = runtime.settings.model_copy(update=weak_one)
    add_staff(runtime.db, "mai", PASSWORD, role, runtime.now(), quick)
    app = FastAPI()
    app.include_router(console_router(WebDeps(runtime, print), quick))
    with TestClient(app) as client:
        form = {"username": "mai", "password": PASSWORD, "next": "/staff"}
        client.post("/staff/login", data=form, follow_redirects=False)
        for page in ("/staff/me", "/staff/safety", "/staff/health"):
            text = client.get(page).text
            assert ("CONGDANSO_TELEGRAM_WEBHOOK_SECRET" in text) == (role == "admin"), page
            assert "changeme" not in text
