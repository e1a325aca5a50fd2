"""Signed values: made here, for this purpose, and not too long ago."""

from __future__ import annotations

import base64
import json
from datetime import timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.domain.tickets import MemberView
from bot.services.links import DESK_LINK, desk_url
from bot.services.runtime import Runtime
from bot.services.signing import Signer
from bot.store.crypto import Vault
from tests.support import SQLITE, START

VALID = timedelta(hours=1)
SIGNER = Signer(b"k" * 32)


@given(st.dictionaries(st.text(max_size=9), st.integers() | st.text(max_size=30), max_size=4))
def test_a_signed_value_is_read_back(value: dict[str, object]) -> None:
    token = SIGNER.sign(value, START, VALID)
    assert token.isascii()
    assert "/" not in token
    assert "+" not in token
    until = int((START + VALID).timestamp())
    assert SIGNER.read(token, START) == {**value, "until": until}


@pytest.mark.parametrize(
    ("seconds", "good"), [(0, True), (3599, True), (3600, False), (9999, False)]
)
def test_it_ends(seconds: int, good: bool) -> None:
    token = SIGNER.sign({"m": 1}, START, VALID)
    assert (SIGNER.read(token, START + timedelta(seconds=seconds)) is not None) == good


def test_another_key_or_purpose_does_not_read_it() -> None:
    vault = Vault(bytes(32))
    token = Signer(vault.derive("desk link")).sign({"m": 1}, START, VALID)
    assert Signer(vault.derive("desk link")).read(token, START) is not None
    assert Signer(vault.derive("cookie")).read(token, START) is None
    assert Signer(Vault(b"x" * 32).derive("desk link")).read(token, START) is None


@given(st.integers(0, 200), st.characters(codec="ascii"))
def test_no_letter_can_be_changed(place: int, letter: str) -> None:
    token = SIGNER.sign({"m": 7}, START, VALID)
    place %= len(token)
    assume(token[place] != letter)
    assert SIGNER.read(token[:place] + letter + token[place + 1 :], START) is None


@given(st.integers(0, 200), st.sampled_from(["=", "!", "\n", " ", ".", "é", "A"]))
def test_nothing_can_be_added(place: int, letter: str) -> None:
    token = SIGNER.sign({"m": 7}, START, VALID)
    place %= len(token) + 1
    assert SIGNER.read(token[:place] + letter + token[place:], START) is None


@given(st.text(max_size=200) | st.binary(max_size=150).map(lambda b: b.decode("latin-1")))
def test_garbage_is_refused_and_never_raises(garbage: str) -> None:
    assert SIGNER.read(garbage, START) is None


@given(st.binary(max_size=120))
def test_garbage_in_the_right_clothes_is_refused(raw: bytes) -> None:
    token = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    assert SIGNER.read(token, START) is None


def test_a_body_with_a_made_up_signature_is_refused() -> None:
    body = json.dumps({"m": 1, "until": 99999999999}).encode()
    for mac in (b"", bytes(16), b"x" * 16):
        token = base64.urlsafe_b64encode(mac + body).rstrip(b"=").decode()
        assert SIGNER.read(token, START) is None


@SQLITE
def test_a_helpers_link_names_the_member_and_lasts_as_configured(runtime: Runtime) -> None:
    url = desk_url(runtime, MemberView(5, 1, "Hoa"), START)
    token = url.removeprefix(f"{runtime.settings.base_url}/desk/")
    signer = Signer(runtime.vault.derive(DESK_LINK))
    days = runtime.settings.desk_link_days
    value = signer.read(token, START + timedelta(days=days, seconds=-1))
    assert value is not None
    assert value["m"] == 5
    assert signer.read(token, START + timedelta(days=days)) is None
