"""What is stored can be read with its own key and for its own purpose, and not otherwise."""

from __future__ import annotations

import base64
import os
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import SettingsError, StartupError, StoreError
from bot.store import data_keys
from bot.store.crypto import Vault, load_vault
from bot.store.db import Database

KEY = bytes(range(32))


@given(st.binary(max_size=500))
def test_what_is_sealed_opens_again_and_does_not_show(plain: bytes) -> None:
    vault = Vault(KEY)
    sealed = vault.seal(plain, "inbox")
    assert vault.open(sealed, "inbox") == plain
    assert len(plain) < 4 or plain not in sealed


def test_the_same_text_never_looks_the_same() -> None:
    vault = Vault(KEY)
    assert len({vault.seal(b"xin chao", "inbox") for _ in range(50)}) == 50


def test_another_purpose_is_refused_with_a_clear_error() -> None:
    vault = Vault(KEY)
    with pytest.raises(StoreError, match=r"stored outbox cannot be read.*CONGDANSO_DATA_KEY"):
        vault.open(vault.seal(b"x", "inbox"), "outbox")


def test_another_key_is_refused_and_the_error_says_nothing_secret() -> None:
    sealed = Vault(KEY).seal(b"so dien thoai", "inbox")
    with pytest.raises(StoreError) as caught:
        Vault(bytes(32)).open(sealed, "inbox")
    assert "dien thoai" not in str(caught.value)


@given(st.integers(0, 40), st.integers(1, 255))
def test_a_changed_byte_is_noticed(place: int, change: int) -> None:
    vault = Vault(KEY)
    sealed = bytearray(vault.seal(b"mot hai ba bon", "inbox"))
    sealed[place % len(sealed)] ^= change
    with pytest.raises(StoreError):
        vault.open(bytes(sealed), "inbox")


@given(st.binary(max_size=40))
def test_garbage_is_a_store_error_whatever_its_length(garbage: bytes) -> None:
    with pytest.raises(StoreError):
        Vault(KEY).open(garbage, "inbox")


def test_derived_keys_differ_by_purpose_and_key_and_are_stable() -> None:
    vault = Vault(KEY)
    assert vault.derive("desk link") == Vault(KEY).derive("desk link")
    assert len(vault.derive("desk link")) == 32
    keys = {vault.derive("desk link"), vault.derive("cookie"), Vault(bytes(32)).derive("cookie")}
    assert len(keys) == 3
    assert KEY not in keys


def test_a_configured_key_is_used_and_no_file_is_made(tmp_path: Path) -> None:
    vault = load_vault(base64.b64encode(KEY).decode(), tmp_path)
    assert vault.open(Vault(KEY).seal(b"x", "p"), "p") == b"x"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "text",
    ["short", "ăn cơm", base64.b64encode(bytes(31)).decode(), base64.b64encode(bytes(33)).decode()],
)
def test_a_bad_configured_key_names_its_setting(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError, match=r"CONGDANSO_DATA_KEY: must be base64 of exactly 32"):
        load_vault(text, tmp_path)
    with pytest.raises(SettingsError, match="CONGDANSO_DATA_KEY"):
        Vault(b"short")


def test_a_key_file_is_made_for_the_owner_only_and_read_again(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        first = load_vault("", tmp_path)
    finally:
        os.umask(before)
    (path,) = tmp_path.iterdir()
    assert path.name == "key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_vault("", tmp_path).open(first.seal(b"x", "p"), "p") == b"x"


@pytest.mark.parametrize("content", ["", "x", "AAAA", "@@@@"])
def test_a_bad_key_file_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "key").write_text(content)
    with pytest.raises(SettingsError, match=rf"{tmp_path / 'key'}: must be base64"):
        load_vault("", tmp_path)


def test_a_key_file_that_is_not_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(StartupError, match="data key cannot be read"):
        load_vault("", tmp_path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(StartupError, match="data key cannot be read or made"):
        load_vault("", tmp_path / "missing")


def test_processes_that_start_together_share_one_key(tmp_path: Path) -> None:
    together = threading.Barrier(8, timeout=10)
    made: list[Vault] = []

    def start() -> None:
        together.wait()
        made.append(load_vault("", tmp_path))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len({vault.derive("x") for vault in made}) == 1
    assert len(made) == 8
    assert [p.name for p in tmp_path.iterdir()] == ["key"]


def test_a_database_knows_its_key(database: Database) -> None:
    assert database.write_now(lambda c: data_keys.key_fits(c, Vault(KEY)))
    assert database.write_now(lambda c: data_keys.key_fits(c, Vault(KEY)))
    assert not database.write_now(lambda c: data_keys.key_fits(c, Vault(bytes(32))))
    assert database.write_now(lambda c: data_keys.key_fits(c, Vault(KEY)))
