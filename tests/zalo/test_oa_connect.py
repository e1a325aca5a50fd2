"""`congdanso zalo connect` and `zalo status`, as an operator has them before their eyes."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.app import open_runtime
from bot.channels.zalo_oa.oauth import read_return
from bot.cli import app
from bot.errors import BadRequest, ChannelError, SettingsError
from bot.settings import load_settings
from bot.store import zalo_tokens
from tests.zalo import oa_fake
from tests.zalo.oa_fake import APP_ID, HTML, OA_ID, TOKEN_PATH, FakeOa, Fault

PUBLIC = "https://giup.example.vn"


@pytest.fixture
def configured(
    oa: FakeOa, tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch
) -> FakeOa:
    """A machine with the settings of step 4."""
    monkeypatch.chdir(tmp_path)
    for name, value in oa_fake.settings(oa.url).items():
        monkeypatch.setenv(f"CONGDANSO_{name.upper()}", str(value))
    monkeypatch.setenv("CONGDANSO_PUBLIC_URL", PUBLIC)
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "congdanso.db").write_bytes(sqlite_template.read_bytes())
    return oa


class Admin:
    """Opens the printed address, allows it, and pastes where the browser went."""

    def __init__(self, oa: FakeOa, monkeypatch: pytest.MonkeyPatch) -> None:
        self.oa = oa
        self.edit: Callable[[str], str] = lambda address: address
        monkeypatch.setattr("typer.prompt", self.prompt)

    def prompt(self, *_: object, **__: object) -> str:
        sys.stdout.flush()
        # The runner's own stream in place of the terminal.
        stream: Any = sys.stdout.buffer
        printed = stream.getvalue().decode()
        found = re.search(r"\S+/v4/oa/permission\?\S+", printed)
        assert found, printed
        return self.edit(self.oa.permit(found[0]))


@pytest.fixture
def admin(configured: FakeOa, monkeypatch: pytest.MonkeyPatch) -> Admin:
    return Admin(configured, monkeypatch)


def run(*words: str, given: str = "") -> tuple[int, str]:
    """A command; its exit code and what it printed. Its own error is raised."""
    result = CliRunner().invoke(app, list(words), input=given)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def stored() -> zalo_tokens.Access | None:
    runtime = open_runtime(load_settings())
    try:
        return runtime.db.read_now(lambda c: zalo_tokens.access(c, runtime.vault, APP_ID))
    finally:
        runtime.db.close()


def test_connecting_step_by_step(admin: Admin) -> None:
    code, said = run("zalo", "status")
    assert (code, "not connected; run: congdanso zalo connect" in said) == (1, True)
    code, said = run("zalo", "connect")
    assert code == 0, said
    assert f"{PUBLIC}/zalo/oa/connected?" in said
    assert f"connected: Official Account {OA_ID}" in said
    (call,) = admin.oa.calls_of(TOKEN_PATH)
    assert call.data["grant_type"] == "authorization_code"
    assert call.data["app_id"] == APP_ID
    found = stored()
    assert found is not None
    assert found.oa_id == OA_ID
    assert found.token not in said
    assert "refresh-" not in said
    code, said = run("zalo", "status")
    assert code == 0
    assert re.search(r"access token: works until 20\S+ \S+ UTC \(2[45] hours\)", said)
    assert re.search(r"refresh token: works until .* \((89|90) days\)", said)
    assert "wait until they write: 0" in said
    # Again, as after the permission was taken back.
    assert run("zalo", "connect")[0] == 0
    again = stored()
    assert again is not None
    assert again.version == 2


def test_a_refresh_token_of_the_explorer(
    configured: FakeOa, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, refresh = configured.grant()
    code, said = run("zalo", "connect", "--refresh-token", given=f"{refresh}\n")
    assert code == 0, said
    assert "number not told" in said
    assert refresh not in said
    with pytest.raises(ChannelError, match="Invalid refresh token"):
        run("zalo", "connect", "--refresh-token", given=f"{refresh}\n")


WRONG: dict[str, tuple[Callable[[str], str], str]] = {
    "only a part": (lambda a: a.split("?")[0], "has no code="),
    "something else": (lambda a: "xin chào", "has no code="),
    "of another attempt": (lambda a: re.sub("state=[^&]+", "state=x", a), "another attempt"),
}


@pytest.mark.parametrize(("edit", "why"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_address_is_explained(admin: Admin, edit: Callable[[str], str], why: str) -> None:
    admin.edit = edit
    with pytest.raises(BadRequest, match=why):
        run("zalo", "connect")
    assert stored() is None
    assert not admin.oa.calls_of(TOKEN_PATH)


def test_a_code_that_was_used_is_explained(admin: Admin) -> None:
    admin.edit = lambda address: re.sub("code=[^&]+", "code=old", address)
    with pytest.raises(ChannelError, match="Zalo refused: -14003 Invalid authorized code"):
        run("zalo", "connect")
    assert stored() is None


@pytest.mark.parametrize(
    ("fault", "why"),
    [(Fault(body=HTML), "no JSON"), (Fault(status=502), "502"), (Fault(drop="after"), "Protocol")],
)
def test_trouble_of_the_token_server_is_one_line(admin: Admin, fault: Fault, why: str) -> None:
    admin.oa.fault(TOKEN_PATH, fault)
    with pytest.raises(ChannelError, match=why):
        run("zalo", "connect")
    assert stored() is None


def test_status_says_what_is_in_doubt_and_what_is_lost(admin: Admin) -> None:
    run("zalo", "connect")
    runtime = open_runtime(load_settings())
    db, now = runtime.db, runtime.now()

    def begin() -> None:
        db.write_now(lambda c: zalo_tokens.begin(c, runtime.vault, APP_ID, 1, "dead", now, now))

    def failed(problem: str, *, lost: bool) -> None:
        db.write_now(
            lambda c: zalo_tokens.failed(c, APP_ID, 1, "dead", problem, now, sent=True, lost=lost)
        )

    begin()
    failed("ReadTimeout", lost=False)
    code, said = run("zalo", "status")
    assert (code, "problem: ReadTimeout (tried 1 times)" in said) == (0, True)
    assert "in doubt: the refresh token was sent" in said
    begin()
    failed("Zalo refused", lost=True)
    db.close()
    code, said = run("zalo", "status")
    assert (code, "spent: run: congdanso zalo connect" in said) == (0, True)


def test_without_settings_the_missing_one_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError, match="CONGDANSO_ZALO_OA_APP_ID: is not set"):
        run("zalo", "connect")
    monkeypatch.setenv("CONGDANSO_ZALO_OA_APP_ID", "123")
    with pytest.raises(SettingsError, match="CONGDANSO_ZALO_OA_APP_SECRET: is needed"):
        run("zalo", "status")


def test_what_a_returned_address_says() -> None:
    found = read_return(" https://x.vn/zalo/oa/connected?oa_id=38&code=a%2Fb&state=s \n", "s")
    assert (found.code, found.oa_id) == ("a/b", "38")
