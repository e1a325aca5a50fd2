"""Places in a running program: the atlas follows the database, a ticket carries the code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select

from bot.domain import events as ev
from bot.locality.errors import LocalityError
from bot.models import schema
from bot.models.rosters import hamlets
from bot.services.places import Places
from bot.services.runtime import Runtime
from bot.settings import Settings
from bot.store.inbox import ChatKey
from tests.services.support import World

HAMLET, COMMUNE = "96.32059.ap-4", "96.32059"
BA = ChatKey("telegram", "21")


def roster(*rows: tuple[str, str]) -> Callable[[Connection], object]:
    values = [{"code": c, "commune_code": c.rpartition(".")[0], "name": n} for c, n in rows]
    return lambda connection: connection.execute(insert(hamlets), values)


async def test_a_hamlet_of_a_new_roster_is_found(runtime: Runtime) -> None:
    places = Places(runtime)
    await places.refresh()
    assert places.atlas.find("ấp 4 xã Khánh An")[0].code == COMMUNE
    runtime.db.write_now(roster((HAMLET, "Ấp 4")))
    before = places.atlas
    await places.refresh()
    assert places.atlas.find("ấp 4 xã Khánh An")[0].code == HAMLET
    # What a decision is looking at does not change under it.
    assert before.find("ấp 4 xã Khánh An")[0].code == COMMUNE
    same = places.atlas.hamlets
    await places.refresh()
    assert places.atlas.hamlets is same


def test_a_wrong_file_ends_with_its_name(runtime: Runtime, tmp_path: Path) -> None:
    (tmp_path / "localities").mkdir()
    (tmp_path / "localities" / "provinces.csv").write_text("x\n")
    settings = Settings(_env_file=None, var_dir=tmp_path, content_dir=tmp_path)
    with pytest.raises(LocalityError, match=r"provinces.csv:1"):
        Places(Runtime(settings, runtime.db, runtime.vault)).start()


async def test_the_tap_on_a_place_ends_on_the_ticket(runtime: Runtime) -> None:
    world = World(runtime)
    world.team()
    world.do(roster((HAMLET, "Ấp 4")))
    await world.publisher.places.refresh()
    for press in ("human", "hand:yes", "hand:noname", "hand:chat"):
        await world.press(BA, press)
    await world.say(BA, "ap 4 khanh an u minh")
    assert "ấp 4, xã Khánh An, tỉnh Cà Mau" in world.texts(BA)[-1]
    await world.say(BA, "đúng rồi")
    table = schema.tickets
    row = world.do(lambda c: c.execute(select(table.c.locality, table.c.commune)).one())
    assert row.locality == HAMLET
    assert "ấp 4, xã Khánh An" in row.commune
    assert world.chat_row(BA).locality == "ấp 4, xã Khánh An, tỉnh Cà Mau"
    assert world.state(BA).homes == {"": HAMLET}


async def test_a_link_is_remembered(runtime: Runtime) -> None:
    world = World(runtime)
    await world.accept(BA, ev.Start("loc_96_32236"))
    await world.talk.idle()
    assert "xã Tân Ân, tỉnh Cà Mau" in world.texts(BA)[-1]
    assert world.state(BA).homes == {"": "96.32236"}
    await world.say(BA, "LOC_96_32059")
    assert world.state(BA).homes == {"": COMMUNE}
