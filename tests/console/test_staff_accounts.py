"""Making and removing staff accounts."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.errors import BadRequest
from bot.models.schema import staff as staff_table
from bot.services.staff import Role, add_staff
from tests.console.world import PASSWORD, QUICK, START, World, log_in


def add(world: World, name: str, password: str = PASSWORD, role: str = "lead") -> int:
    return add_staff(world.db, name, password, role, START, QUICK)


def test_a_new_account_can_log_in(world: World) -> None:
    add(world, "Nguyễn Thị Hoa")
    assert log_in(world.browser(), "Nguyễn Thị Hoa").status_code == 303


def test_only_a_hash_of_the_password_is_kept(world: World) -> None:
    add(world, "hoa")
    kept = world.db.read_now(lambda c: c.execute(select(staff_table.c.password_hash)).scalar_one())
    assert kept.startswith("$argon2id$")
    assert PASSWORD not in kept


@pytest.mark.parametrize("name", ["hoa", "HOA", "  Hoa "])
def test_a_taken_name_is_refused_however_it_is_written(world: World, name: str) -> None:
    add(world, "Hoa")
    with pytest.raises(BadRequest, match="taken"):
        add(world, name)


def test_the_name_of_a_removed_account_stays_taken(world: World) -> None:
    add(world, "hoa")
    world.remove_staff("hoa")
    with pytest.raises(BadRequest, match="removed"):
        add(world, "hoa")


@pytest.mark.parametrize("name", ["", " ", "a", "-hoa", "hoa-", "a<b>", "hoa\nlan", "x" * 65, "__"])
def test_a_bad_name_is_refused(world: World, name: str) -> None:
    if name == "hoa\nlan":
        # White space of any kind becomes one space, which a name may have inside.
        assert add(world, name)
        return
    with pytest.raises(BadRequest, match="cannot be used"):
        add(world, name)


@pytest.mark.parametrize("password", ["", "123456789", "x" * 1001])
def test_a_bad_password_is_refused(world: World, password: str) -> None:
    with pytest.raises(BadRequest, match="password must have 10"):
        add(world, "hoa", password)


@pytest.mark.parametrize("role", ["", "boss", "LEAD"])
def test_a_bad_role_is_refused(world: World, role: str) -> None:
    with pytest.raises(BadRequest, match="viewer, editor, lead, admin"):
        add(world, "hoa", role=role)


def test_removing_nobody_is_refused(world: World) -> None:
    with pytest.raises(BadRequest, match="no staff member"):
        world.remove_staff("hoa")


def test_a_role_covers_itself_and_those_below() -> None:
    covered = {(a.value, b.value) for a in Role for b in Role if a.covers(b)}
    order = ["viewer", "editor", "lead", "admin"]
    assert covered == {(a, b) for i, a in enumerate(order) for b in order[: i + 1]}
