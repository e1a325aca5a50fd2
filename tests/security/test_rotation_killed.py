"""`congdanso key rotate` killed again and again beside a program that serves."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import uuid
from pathlib import Path

import httpx
import pytest

from bot.services import rotation
from bot.services.keys import open_vault
from bot.settings import Settings
from bot.store import data_keys
from bot.store.crypto import KeyFile, Vault
from bot.store.db import Database, make_engine
from tests.process import ROOT, Served, with_model
from tests.security.sealed import fill, read_all

pytestmark = pytest.mark.faults
KILLS = int(os.environ.get("TESTS_KEY_KILLS", "6"))
ROWS = 3_000
#: At most so many chunks of 200 values before a kill: there are some ninety to do.
CHUNKS = 15
_TELLING = """
from bot.app import open_runtime
from bot.services.rotation import rotate
from bot.settings import load_settings
rotate(open_runtime(load_settings()), progress=lambda place, done: print(place, flush=True))
"""
#: What a program does not look at by itself.
QUIET = ("ticket_events", "ticket_messages", "tickets", "chats")


def test_killed_beside_a_serving_program(tmp_path: Path) -> None:
    """Every kill leaves a program that reads and answers; in the end one key is needed."""
    pick = random.Random(20261122)
    var = with_model(tmp_path / "var")
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("CONGDANSO_")},
        "CONGDANSO_VAR_DIR": str(var),
    }
    with Served(var, {}) as served:
        database = Database(make_engine(f"sqlite:///{var / 'congdanso.db'}"))
        before = open_vault(Settings(_env_file=None, var_dir=var))
        fill(database, before, ROWS, only=QUIET)
        browser = httpx.Client(base_url=served.url, trust_env=False, timeout=30)
        assert browser.post("/chat/open").status_code == 200
        for _ in range(KILLS):
            _killed_after(pick.randrange(1, CHUNKS), environment)
            said = {"id": str(uuid.uuid4()), "text": "menu"}
            assert browser.post("/chat/messages", json=said).status_code == 202
        command = [sys.executable, "-m", "bot", "key", "rotate"]
        subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=60)
        assert browser.post("/chat/open").json()["chat"]
        assert served.stop() == 0
    keys = KeyFile(var / "key").read()
    newest = Vault(keys[0])
    assert database.read_now(lambda c: data_keys.key_belongs(c, newest))
    found = database.read_now(lambda c: read_all(c, newest))
    assert database.read_now(lambda c: data_keys.others(c, rotation.PLACES, newest)) == {}
    database.close()
    assert len(keys) == 2
    print(f"{KILLS} kills, {len(keys) - 1} keys changed, {sum(map(len, found.values()))} values")
    # What was there is there; the program added its own.
    assert len(found["ticket_events.data"]) == ROWS
    assert len(found["chats.state"]) > ROWS
    assert len(found["outbox.payload"]) >= KILLS


def _killed_after(chunks: int, environment: dict[str, str]) -> None:
    """Run the command and kill it after so many chunks."""
    told = [sys.executable, "-c", _TELLING]
    with subprocess.Popen(told, cwd=ROOT, env=environment, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for _ in range(chunks):
            assert process.stdout.readline()
        process.kill()
