"""The whole program with every route there is, in this process, with nothing at work behind it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from starlette.testclient import TestClient

from bot.app import Program, build, make_app
from bot.services.runtime import Runtime
from bot.settings import Settings
from bot.store.crypto import Vault
from bot.store.db import Database, make_engine
from tests.support import Clock

SECRET = "invented-webhook-secret"
OA_SECRET = "invented-oa-secret"
APP_ID = "1234567890"
#: Every channel by webhook. The addresses are nobody's: nothing is sent in these tests.
WEBHOOKS: dict[str, object] = {
    "public_url": "https://congdanso.example",
    "telegram_token": SecretStr("123456:invented"),
    "telegram_mode": "webhook",
    "telegram_webhook_secret": SecretStr(SECRET),
    "telegram_api_url": "http://127.0.0.1:9/bot",
    "zalo_oa_app_id": APP_ID,
    "zalo_oa_app_secret": SecretStr("invented-app-secret"),
    "zalo_oa_webhook_secret": SecretStr(OA_SECRET),
    "zalo_oa_api_url": "http://127.0.0.1:9",
    "zalo_oa_oauth_url": "http://127.0.0.1:9",
    "zalo_bot_token": SecretStr("invented-bot-token"),
    "zalo_bot_mode": "webhook",
    "zalo_bot_webhook_secret": SecretStr(SECRET),
    "zalo_bot_api_url": "http://127.0.0.1:9",
}


@pytest.fixture(scope="module")
def whole(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, few_guides: Path
) -> Iterator[Program]:
    """The program; one for a module, on SQLite."""
    folder = tmp_path_factory.mktemp("whole")
    path = folder / "congdanso.db"
    path.write_bytes(sqlite_template.read_bytes())
    settings = Settings(_env_file=None, var_dir=folder, content_dir=few_guides, **WEBHOOKS)  # type: ignore[arg-type]
    database = Database(make_engine(f"sqlite:///{path}"))
    runtime = Runtime(settings, database, Vault(bytes(range(32))), now=Clock(), owner="one")
    program = build(settings, runtime)
    yield program
    program.cards.stop()
    database.close()


@pytest.fixture(scope="module")
def site(whole: Program) -> FastAPI:
    """Its routes."""
    return make_app(whole)


@pytest.fixture
def client(site: FastAPI) -> Iterator[TestClient]:
    """Somebody's browser, which follows nothing by itself."""
    base = "https://congdanso.example"
    with TestClient(site, base, raise_server_exceptions=False, follow_redirects=False) as made:
        yield made
