"""Changed files are published while the program runs; wrong ones never are."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy.exc import OperationalError

from bot.guides.errors import ContentError
from bot.services import reloading
from bot.services.cards import Cards
from bot.services.publishing import Publisher
from bot.services.reloading import Reloading
from bot.services.runtime import Runtime
from bot.settings import ROOT
from bot.store import guides
from bot.store.db import Database
from tests.guides.helpers import IDS, Shelf
from tests.services import support
from tests.services.support import World, web

QR = "qr_pay"


class Shop:
    """A world whose content folder can be changed."""

    def __init__(self, world: World, cards: Cards) -> None:
        self.world = world
        self.runtime = world.runtime
        self.publisher = world.publisher
        self.folder = world.runtime.settings.content_dir
        self.cards = cards
        self.reloading = Reloading(world.runtime, world.publisher, cards)
        self.guide = self.publisher.loaded.guides[QR]

    def write(self, name: str, old: str, new: str, count: int = 1) -> None:
        file = self.folder / name
        text = file.read_text(encoding="utf-8")
        assert text.count(old) >= 1, old
        file.write_text(text.replace(old, new, count), encoding="utf-8")

    def title(self, title: str) -> None:
        """Another title for the guide, which is another revision."""
        self.write(f"guides/{QR}.yml", f"title: {self.publisher.loaded.guides[QR].title}", title)

    def gauge(self, name: str, **labels: str) -> float | None:
        return self.runtime.metrics.registry.get_sample_value(name, labels)

    @property
    def places(self) -> list[str]:
        return [f"{p.file}:{p.field}" for p in self.publisher.problems]


CARDS = """\
name: Trợ lý
step: "Bước {step}/{total}"
checked: "Kiểm tra {day}"
alt: "Hình bước {step} trên {total}: {title}. {text}"
icon: list-checks
groups: {}
icons: []
"""


def make_content(folder: Path) -> None:
    """A small folder that the check finds right on any day."""
    folder.mkdir()
    shelf = Shelf.make(folder)
    (folder / "cards.yml").write_text(CARDS, encoding="utf-8")
    for name in ("handoff.yml", "handoff_words.yml"):
        shutil.copy(ROOT / "content" / name, folder)
    for name in IDS:
        shelf.change(f"guides/{name}.yml", "verified_on: 2026-11-21", "verified_on: 2025-11-21")
        shelf.change(f"guides/{name}.yml", "review_by: 2027-05-21", "review_by: 2100-05-21")
    days = "temporary:\n  - until: 2027-02-28\n    fee: Đang được miễn.\n"
    shelf.change(f"guides/{QR}.yml", days, "")


@pytest.fixture
def shop(runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setattr(reloading, "_SETTLE_SECONDS", 0)
    monkeypatch.setattr(support, "TITLES", IDS)
    make_content(tmp_path / "content")
    runtime.settings = runtime.settings.model_copy(update={"content_dir": tmp_path / "content"})
    world = World(runtime)
    cards = Cards(runtime, world.publisher)
    yield Shop(world, cards)
    cards.stop()


async def test_nothing_is_read_while_nothing_changes(shop: Shop) -> None:
    before = shop.publisher.content
    assert not await shop.reloading.tick()
    assert shop.publisher.content is before
    assert shop.gauge("congdanso_content_loads_total", result="ok") is None


async def test_a_changed_guide_is_served_and_kept(shop: Shop) -> None:
    shop.title("title: Quét mã trả tiền kiểu mới")
    assert await shop.reloading.tick()
    new = shop.publisher.content.guides[QR]
    assert new.title == "Quét mã trả tiền kiểu mới"
    stored = await shop.runtime.db.read(lambda c: guides.revision(c, QR, new.revision))
    assert stored == new.to_json()
    served = await shop.runtime.db.read(guides.served_revisions)
    assert new.revision in {each.name for each in served}
    assert len(served) == len(shop.publisher.loaded.guides)
    assert not await shop.reloading.tick()
    assert shop.gauge("congdanso_content_loads_total", result="ok") == 1
    assert shop.gauge("congdanso_content_stale") == 0


async def test_a_walk_goes_on_undisturbed_and_the_next_has_the_new_text(shop: Shop) -> None:
    world, here, new = shop.world, web("inside"), web("new")
    await world.press(here, f"guide:{QR}")
    case = next((c for c in world.state(here).offered if c.startswith("case:")), "")
    if case:
        await world.press(here, case)
    begun = world.state(here).session
    assert begun is not None
    shop.title("title: Quét mã trả tiền kiểu mới")
    await shop.reloading.tick()
    await world.say(here, "xong")
    now = world.state(here).session
    assert now is not None
    assert (now.revision, now.step) == (begun.revision, begun.step + 1)
    await world.press(new, f"guide:{QR}")
    assert "Quét mã trả tiền kiểu mới" in world.texts(new)[-1]


async def test_a_broken_file_changes_nothing_and_is_named(shop: Shop) -> None:
    before = shop.publisher.content
    shop.title("colour: red\ntitle: Quét mã")
    with structlog.testing.capture_logs() as logs:
        assert not await shop.reloading.tick()
    assert shop.publisher.content == before
    assert shop.places == ["guides/qr_pay.yml:colour"]
    assert shop.gauge("congdanso_content_stale") == 1
    assert shop.gauge("congdanso_content_loads_total", result="stale") == 1
    (line,) = [each for each in logs if each["event"] == "content not served"]
    assert line == {
        "event": "content not served",
        "log_level": "warning",
        "file": "guides/qr_pay.yml",
        "line": line["line"],
        "field": "colour",
    }
    # It is not read again and again while it stays so.
    assert not await shop.reloading.tick()
    assert shop.gauge("congdanso_content_loads_total", result="stale") == 1

    shop.write(f"guides/{QR}.yml", "colour: red\n", "")
    assert await shop.reloading.tick()
    assert shop.publisher.problems == ()
    assert shop.gauge("congdanso_content_stale") == 0


async def test_what_the_check_refuses_is_not_served(shop: Shop) -> None:
    answer = shop.guide.answer
    shop.write(f"guides/{QR}.yml", "owner:", "valid_until: 2020-01-01\nowner:")
    await shop.reloading.tick()
    assert shop.publisher.content.guides[QR].answer == answer
    assert shop.places == ["guides/qr_pay.yml:valid_until"]


async def test_no_text_of_the_content_is_logged(shop: Shop) -> None:
    shop.title("title: Bí mật 0912345678")
    with structlog.testing.capture_logs() as logs:
        await shop.reloading.tick()
    assert logs
    assert "0912345678" not in str(logs)
    assert "Bí mật" not in str(logs)


async def test_words_on_cards_change_too(shop: Shop) -> None:
    shop.write("cards.yml", "name: Trợ lý", "name: Trợ lý của bà con")
    assert not await shop.reloading.tick()
    assert shop.cards._words.name == "Trợ lý của bà con"
    shop.write("cards.yml", "name: Trợ lý của bà con", "nam: x")
    await shop.reloading.tick()
    assert shop.cards._words.name == "Trợ lý của bà con"
    assert "cards.yml:nam" in shop.places


async def test_what_is_still_being_written_waits(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file changes once more while it is read: nothing is served before it is at rest."""
    shop.title("title: Nửa chừng")
    whole = Reloading._read

    def slow(self: Reloading) -> Any:
        monkeypatch.setattr(Reloading, "_read", whole)
        found = whole(self)
        shop.write(f"guides/{QR}.yml", "title: Nửa chừng", "title: Quét mã trả tiền")
        return found

    monkeypatch.setattr(Reloading, "_read", slow)
    assert not await shop.reloading.tick()
    assert shop.publisher.content.guides[QR] == shop.guide
    await shop.reloading.tick()
    assert shop.publisher.content.guides[QR].title == "Quét mã trả tiền"


async def test_a_database_that_fails_is_tried_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No revision is shown that a walk could not come back to."""

    async def broken(_: Database, work: Any) -> Any:
        raise OperationalError("", {}, Exception("gone"))

    shop.title("title: Quét mã trả tiền kiểu mới")
    with monkeypatch.context() as patch:
        patch.setattr(Database, "write", broken)
        assert not await shop.reloading.tick()
        assert shop.publisher.content.guides[QR] == shop.guide
    assert await shop.reloading.tick()


async def test_what_nobody_thought_of_leaves_what_is_served(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def odd(*_: object) -> None:
        raise RecursionError("Bí mật")

    before = shop.publisher.content
    shop.title("title: Quét mã")
    monkeypatch.setattr(reloading, "next_release", odd)
    assert not await shop.reloading.tick()
    assert shop.publisher.content == before
    assert [each.message for each in shop.publisher.problems] == [
        "cannot be read (RecursionError); undo the last change"
    ]


async def test_a_recall_holds_through_reloads(shop: Shop) -> None:
    await shop.runtime.db.write(
        lambda c: guides.recall(c, QR, shop.guide.revision, "sai", shop.runtime.now())
    )
    await shop.publisher.refresh()
    assert QR not in shop.publisher.content.guides
    shop.write("phrases.yml", "Dạ không có gì.", "Dạ, có gì đâu.")
    await shop.reloading.tick()
    assert QR not in shop.publisher.content.guides
    shop.title("title: Quét mã trả tiền kiểu mới")
    await shop.reloading.tick()
    assert QR in shop.publisher.content.guides


async def test_answers_go_on_while_another_text_is_read(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading takes a second or two; here it lasts until somebody was answered meanwhile."""
    answered = threading.Event()
    whole = Reloading._read

    def slow(self: Reloading) -> Any:
        assert answered.wait(30)
        return whole(self)

    monkeypatch.setattr(Reloading, "_read", slow)
    shop.title("title: Quét mã trả tiền kiểu mới")
    reading = asyncio.create_task(shop.reloading.tick())
    await shop.world.press(web("a"), f"guide:{QR}")
    assert shop.guide.title in shop.world.texts(web("a"))[0]
    answered.set()
    assert await reading
    await shop.world.press(web("b"), f"guide:{QR}")
    assert "kiểu mới" in shop.world.texts(web("b"))[0]


def test_a_start_with_a_broken_file_is_refused(runtime: Runtime, tmp_path: Path) -> None:
    folder = tmp_path / "content"
    make_content(folder)
    (folder / "guides" / "qr_pay.yml").write_text("id: qr_pay\n")
    runtime.settings = runtime.settings.model_copy(update={"content_dir": folder})
    with pytest.raises(ContentError, match=r"qr_pay\.yml:1"):
        Publisher(runtime, IDS)
