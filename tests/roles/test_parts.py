"""Roles are refused where they cannot be, and named where they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.errors import SettingsError
from bot.services.parts import Part, check_part, owner_name, part_of
from bot.settings import Settings
from tests.roles.processes import run

_ROLES = [Part.WEB, Part.WORKER, Part.SCHEDULER]
_POSTGRES = "postgresql://congdanso@127.0.0.1:1/congdanso"


def settings(**given: Any) -> Settings:
    return Settings(_env_file=None, **given)


@pytest.mark.parametrize("part", _ROLES)
def test_sqlite_is_for_one_process(part: Part) -> None:
    with pytest.raises(SettingsError, match="CONGDANSO_DATABASE_URL") as caught:
        check_part(part, settings())
    assert f"congdanso {part}" in str(caught.value)
    assert "congdanso serve" in str(caught.value)
    check_part(Part.ALL, settings())


@pytest.mark.parametrize("part", _ROLES)
@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("CONGDANSO_TELEGRAM_MODE", {"telegram_token": SecretStr("1:invented")}),
        ("CONGDANSO_ZALO_BOT_MODE", {"zalo_bot_token": SecretStr("1:invented")}),
    ],
)
def test_only_one_process_may_poll(part: Part, name: str, given: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match=f"{name}: must be webhook"):
        check_part(part, settings(database_url=_POSTGRES, **given))
    check_part(Part.ALL, settings(database_url=_POSTGRES, **given))
    check_part(part, settings(database_url=_POSTGRES))


def test_a_process_is_named_by_its_part() -> None:
    for part in _ROLES:
        name = owner_name(part, "0123456789abcdef")
        assert part_of(name) is part
        # As long as the columns are.
        assert len(name) <= 40
    assert part_of(owner_name(Part.ALL, "0123456789abcdef")) is Part.ALL
    assert part_of("other-0123") is Part.ALL


@pytest.mark.program
def test_the_command_says_so_in_one_line(tmp_path: Path) -> None:
    done = run("worker", tmp_path / "var", {})
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "CONGDANSO_DATABASE_URL" in done.stderr
    assert not (tmp_path / "var").exists()
