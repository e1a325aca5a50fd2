"""Pictures through a conversation: fetched, looked at, answered, forgotten."""

from __future__ import annotations

import asyncio

import pytest

from bench.bad_pictures import code, encoded
from bot.domain import events as ev
from bot.domain.pictures import CodeKind, PictureFault, Verdict
from bot.safety.links.checker import LinkChecker
from bot.safety.qr.banks import load_banks
from bot.safety.qr.vietqr import make
from bot.services.conversation import Conversations
from bot.services.linkcheck import open_checker
from bot.services.metrics import Metrics
from bot.services.pictures import NotFetched, Pictures, link_check, look_at
from bot.services.runtime import Runtime
from bot.settings import ROOT, Settings
from tests.services.support import World, telegram
from tests.support import SQLITE, Clock

BANKS = load_banks(ROOT / "content")
PAYLOAD = make("970405", "1234567890", 150_000, "mua tom kho")
PICTURE = encoded(code(PAYLOAD))
BA = telegram("1001")
PHOTO = ev.Attachment("photo", "telegram:abc")
CARD = "079012345678|012345678|Nguyễn Văn Mẫu|01011990|Nam|Ấp Mẫu|01012021"


def counted(metrics: Metrics, what: str) -> float:
    """How often something was seen."""
    return metrics.registry.get_sample_value("congdanso_pictures_read_total", {"what": what}) or 0


def looking(world: World, data: bytes | NotFetched, wait: asyncio.Event | None = None) -> Pictures:
    """A world whose Telegram has one file."""

    async def fetch(name: str) -> bytes:
        assert name == "abc"
        if wait is not None:
            await wait.wait()
        if isinstance(data, NotFetched):
            raise data
        return data

    pictures = Pictures(BANKS, world.runtime.metrics)
    pictures.fetch_from("telegram", fetch)
    world.talk = Conversations(
        world.runtime, world.publisher, world.brain, lambda *_: None, pictures
    )
    return pictures


async def test_a_photo_is_fetched_looked_at_and_answered(runtime: Runtime) -> None:
    world = World(runtime)
    pictures = looking(world, PICTURE)
    await world.accept(BA, PHOTO)
    await world.talk.idle()
    (text,) = world.texts(BA)
    assert "Agribank" in text
    assert "••••••7890" in text
    assert counted(runtime.metrics, "vietqr") == 1
    assert [row.payload for row in world.in_rows(BA)] == [None]
    pictures.stop()


@pytest.mark.parametrize("fault", [PictureFault.NOT_FETCHED, PictureFault.TOO_BIG])
@SQLITE
async def test_a_photo_that_cannot_be_had_is_said_to_be_so(
    runtime: Runtime, fault: PictureFault
) -> None:
    world = World(runtime)
    pictures = looking(world, NotFetched(fault))
    await world.accept(BA, PHOTO)
    await world.talk.idle()
    (text,) = world.texts(BA)
    address = world.publisher.content.people.neutral.blanks()
    say = world.publisher.content.phrases.addressed(address).say
    assert say(f"picture_{fault.value}") in text
    assert counted(runtime.metrics, fault.value) == 1
    pictures.stop()


@SQLITE
async def test_the_chat_stays_ours_while_a_slow_platform_sends(
    runtime: Runtime, clock: Clock
) -> None:
    runtime.settings = runtime.settings.model_copy(update={"lease_seconds": 0.3})
    world = World(runtime)
    come = asyncio.Event()
    pictures = looking(world, PICTURE, come)
    await world.accept(BA, PHOTO)
    before = world.chat_row(BA).lease_until
    clock.forward(5)
    async with asyncio.timeout(10):
        while world.chat_row(BA).lease_until == before:  # noqa: ASYNC110 - of the database
            await asyncio.sleep(0)
    come.set()
    await world.talk.idle()
    assert "Agribank" in world.texts(BA)[0]
    pictures.stop()


@SQLITE
async def test_what_is_on_a_citizens_card_is_kept_nowhere(runtime: Runtime) -> None:
    world = World(runtime)
    pictures = looking(world, encoded(code(CARD)))
    await world.accept(BA, PHOTO)
    await world.talk.idle()
    (reply,) = world.replies(BA)
    assert "căn cước" in reply.text
    for secret in ("0790", "Mẫu", "1990"):
        assert secret not in reply.text
        assert secret not in repr(world.state(BA))
    pictures.stop()


@SQLITE
async def test_nothing_is_written_to_disk(runtime: Runtime) -> None:
    world = World(runtime)
    pictures = looking(world, PICTURE)
    await world.accept(BA, PHOTO)
    await world.talk.idle()
    files = [path for path in runtime.settings.var_dir.rglob("*") if path.is_file()]
    assert not any(PICTURE[:64] in path.read_bytes() for path in files)
    pictures.stop()


async def test_what_no_channel_can_fetch_is_an_attachment_like_others() -> None:
    pictures = Pictures(BANKS, Metrics())
    assert await pictures.of(ev.Attachment("voice")) is None
    assert await pictures.of(ev.Attachment("photo", "zalo:1")) is None
    pictures.stop()


async def test_bytes_handed_over_are_looked_at() -> None:
    pictures = Pictures(BANKS, Metrics())
    seen = await pictures.look(PICTURE)
    assert [found.kind for found in seen.codes] == [CodeKind.VIETQR]
    assert (await pictures.look(b"%PDF-1.7")).fault is PictureFault.PDF
    assert (await pictures.look(encoded(code("a").resize((1, 1))))).fault is PictureFault.NO_CODE
    pictures.stop()


@pytest.fixture(scope="module")
def checker() -> LinkChecker:
    """The shipped link checker."""
    return open_checker(Settings(_env_file=None, content_dir=ROOT / "content"))[0]


@pytest.mark.parametrize(
    ("payload", "verdicts"),
    [
        ("https://dichvucong.gov.vn/p/home", {Verdict.OFFICIAL}),
        ("https://vietcombank-xacthuc-khoanvay.top/otp", {Verdict.DANGEROUS, Verdict.CAUTION}),
        ("https://tiem-banh-co-ba.example", {Verdict.UNKNOWN, Verdict.CAUTION}),
    ],
)
def test_a_link_in_a_code_goes_to_the_link_checker(
    checker: LinkChecker, payload: str, verdicts: set[Verdict]
) -> None:
    (found,) = look_at(encoded(code(payload)), BANKS, link_check(checker)).codes
    assert found.kind is CodeKind.URL
    assert found.verdict in verdicts
    assert 0 < len(found.said) <= 3
