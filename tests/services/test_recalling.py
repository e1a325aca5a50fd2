"""Withdrawing a guide or a step: what the database says, whom it reaches, what each is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain import events as ev
from bot.domain.recalls import Recall
from bot.errors import BadRequest
from bot.guides.model import Guide
from bot.models import schema
from bot.services.posting import open_event
from bot.services.publishing import Publisher
from bot.services.recalling import Recalling
from bot.store.inbox import ChatKey
from tests.services.support import TITLES, World, web
from tests.support import Clock

QR, LINK, LEVEL_2 = "qr_pay", "scam_link", "vneid_level_2"
WHY = "phí đã đổi"
#: A guide asked for by its button, as from the menu.
OPEN = {guide: f"guide:{guide}" for guide in (QR, LINK, LEVEL_2)}


def recalling(world: World) -> Recalling:
    """As another process has it: it knows nothing but the database."""
    return Recalling(world.runtime, TITLES)


def without_question(world: World, guide_id: str) -> Guide:
    """Serve the guide with no question before its steps: these tests are not about questions."""
    guide = world.publisher.loaded.guides[guide_id]
    if guide.question is not None:
        usual = guide.question.choices[0].id if guide.question.choices else ""
        guide = replace(guide.for_choice(usual), question=None, temporary=(), revision="")
    return guide


async def publish(world: World, **changed: Guide) -> None:
    """What a reload does."""
    before = world.publisher.loaded
    content = replace(before, guides={**before.guides, **changed})
    await world.publisher.publish(content, ())


async def served(world: World) -> Guide:
    """The world, serving a plain guide on paying by QR."""
    guide = without_question(world, QR)
    await publish(world, qr_pay=guide)
    return guide


async def told(world: World, *keys: ChatKey) -> list[list[str]]:
    """What each chat is told by the program itself, worked off."""
    before = {key: len(world.replies(key)) for key in keys}
    await world.talk.poll()
    await world.talk.idle()
    return [world.texts(key)[before[key] :] for key in keys]


def edited(guide: Guide, word: str = "Bước đầu đã sửa") -> Guide:
    first = replace(guide.steps[0], title=word)
    return replace(guide, steps=(first, *guide.steps[1:]), revision="")


def say(world: World, key: str, **values: object) -> str:
    return world.publisher.content.phrases.say(key, **values)


# Views ------------------------------------------------------------------------------------------


async def test_what_is_shown_is_written_with_the_answer(world: World, clock: Clock) -> None:
    guide = await served(world)
    await world.press(web("a"), OPEN[QR])
    view = schema.guide_views
    (row,) = world.do(lambda c: c.execute(view.select()).all())
    assert (row.chat_id, row.guide_id) == (world.chat(web("a")), QR)
    assert (row.revision, row.seen_at) == (guide.revision, clock())
    clock.forward(86_400)
    await world.say(web("a"), "nhắc lại")
    (row,) = world.do(lambda c: c.execute(view.select()).all())
    assert row.seen_at == clock()


async def test_an_erasure_takes_the_views(world: World) -> None:
    await served(world)
    await world.press(web("a"), OPEN[QR])
    await world.say(web("a"), "xóa dữ liệu của tôi")
    await world.press(web("a"), "erase:yes")
    assert world.do(lambda c: c.execute(schema.guide_views.select()).all()) == []
    recalling(world).guide(QR, WHY)
    assert await told(world, web("a")) == [[]]


# A whole guide ----------------------------------------------------------------------------------


async def test_everybody_who_read_it_is_told_once(world: World) -> None:
    await served(world)
    inside, read, aside, other = (web(name) for name in ("inside", "read", "aside", "other"))
    for key in (inside, read, aside):
        await world.press(key, OPEN[QR])
    await world.say(inside, "xong")
    await world.say(read, "thôi")
    await world.press(aside, OPEN[LINK])
    await world.press(other, OPEN[LINK])
    title = world.publisher.content.titles[QR]

    done = recalling(world).guide(QR, f"  {WHY}. ")

    assert sorted(done.told) == sorted(world.chat(key) for key in (inside, read, aside))
    gone = say(world, "guide_recalled", title=title, why=WHY)
    seen = say(world, "guide_recalled_seen", title=title, why=WHY)
    assert await told(world, inside, read, aside, other) == [[gone], [seen], [gone], []]
    assert await told(world, inside, read, aside, other) == [[], [], [], []]
    assert world.state(inside).session is None
    assert world.state(aside).suspended is None
    await world.say(read, "menu")
    await world.press(read, OPEN[QR])
    assert world.texts(read)[-1] == say(world, "guide_missing", title=title)


async def test_who_wrote_before_the_notice_came_hears_of_it_at_once(world: World) -> None:
    await served(world)
    await world.press(web("a"), OPEN[QR])
    recalling(world).guide(QR, WHY)
    # As for a walk left aside so long ago that nobody knew whom to send the notice.
    notice = schema.inbox.delete().where(schema.inbox.c.source == "internal")
    world.do(lambda c: c.execute(notice).rowcount)
    await world.publisher.refresh()
    title = world.publisher.content.titles[QR]
    gone = say(world, "guide_recalled", title=title, why=WHY)
    before = len(world.texts(web("a")))
    await world.say(web("a"), "xong")
    assert world.texts(web("a"))[before:] == [gone]


async def test_the_days_that_count(world: World, clock: Clock) -> None:
    await served(world)
    for key, days in ((web("long ago"), 2), (web("lately"), 13)):
        await world.press(key, OPEN[QR])
        await world.say(key, "thôi")
        clock.forward(days * 86_400)
    done = recalling(world).guide(QR, WHY)
    assert list(done.told) == [world.chat(web("lately"))]


async def test_a_walk_that_waits_is_reached_after_these_days_too(
    world: World, clock: Clock
) -> None:
    guide = without_question(world, LEVEL_2)
    await publish(world, vneid_level_2=guide)
    key = web("waits")
    await world.press(key, OPEN[LEVEL_2])
    for _ in guide.steps:
        if not world.state(key).parked:
            await world.say(key, "xong")
    assert world.state(key).parked
    # Nobody looks at timers here, and the view is too old to count.
    clock.forward(20 * 86_400)
    recalling(world).guide(LEVEL_2, WHY)
    title = world.publisher.content.titles[LEVEL_2]
    assert await told(world, key) == [[say(world, "guide_recalled", title=title, why=WHY)]]
    assert not world.state(key).parked


async def test_older_texts_go_too_and_are_not_held_for_anybody(world: World) -> None:
    first = await served(world)
    await world.press(web("a"), OPEN[QR])
    second = edited(first)
    await publish(world, qr_pay=second)
    await world.say(web("a"), "xong")
    session = world.state(web("a")).session
    assert session is not None
    assert (session.revision, session.step) == (first.revision, 1)

    done = recalling(world).guide(QR, WHY)

    assert set(done.steps) >= {first.revision, second.revision}
    title = world.publisher.content.titles[QR]
    assert await told(world, web("a")) == [[say(world, "guide_recalled", title=title, why=WHY)]]
    assert QR not in world.publisher.content.guides


async def test_a_corrected_file_brings_the_guide_back(world: World) -> None:
    guide = await served(world)
    await world.press(web("a"), OPEN[QR])
    await world.say(web("a"), "thôi")
    recalling(world).guide(QR, WHY)
    await publish(world, qr_pay=edited(guide))
    ((said,),) = await told(world, web("a"))
    assert WHY in said
    assert [choice.id for choice in world.replies(web("a"))[-1].choices][:2] == [
        f"human:{QR}",
        OPEN[QR],
    ]
    await world.press(web("a"), OPEN[QR])
    assert "Bước đầu đã sửa" in world.texts(web("a"))[-1]


async def test_with_old_the_text_that_is_served_stays(world: World) -> None:
    first = await served(world)
    for name in ("inside", "read"):
        await world.press(web(name), OPEN[QR])
    await world.say(web("read"), "thôi")
    second = edited(first)
    await publish(world, qr_pay=second)
    await world.press(web("new"), OPEN[QR])

    done = recalling(world).guide(QR, WHY, old=True)

    assert second.revision not in done.steps
    inside, read, new = await told(world, web("inside"), web("read"), web("new"))
    assert "Bước đầu đã sửa" in inside[0]
    assert WHY in read[0]
    assert new == []
    assert world.publisher.content.guides[QR] == second
    with pytest.raises(BadRequest, match="no older text"):
        recalling(world).guide(QR, WHY, old=True)


# One step ---------------------------------------------------------------------------------------


async def test_a_step_goes_and_the_guide_stays(world: World) -> None:
    guide = await served(world)
    for name in ("inside", "read"):
        await world.press(web(name), OPEN[QR])
    await world.say(web("read"), "thôi")

    done = recalling(world).step(QR, 2, WHY)

    assert done.steps[guide.revision] == 2
    inside, read = await told(world, web("inside"), web("read"))
    title = world.publisher.content.phrases.fill(guide.steps[1].title)
    seen = say(world, "step_recalled_seen", title=guide.title, step=title, why=WHY)
    assert inside[0].startswith(seen)
    assert read == [seen]
    await world.say(web("inside"), "xong")
    assert say(world, "step_recalled", why=WHY) in world.texts(web("inside"))[-1]
    assert guide.steps[1].text not in world.texts(web("inside"))[-1]
    # What is stored and what is exported is still the file's own text.
    assert world.publisher.loaded.guides[QR] == guide


async def test_the_same_step_goes_from_a_text_somebody_is_in(world: World) -> None:
    first = await served(world)
    await world.press(web("a"), OPEN[QR])
    await publish(world, qr_pay=edited(first))
    recalling(world).step(QR, 2, WHY)
    await told(world, web("a"))
    await world.say(web("a"), "xong")
    session = world.state(web("a")).session
    assert session is not None
    assert session.revision == first.revision
    assert say(world, "step_recalled", why=WHY) in world.texts(web("a"))[-1]


async def test_a_changed_file_has_its_step_again(world: World) -> None:
    guide = await served(world)
    recalling(world).step(QR, 1, WHY)
    await world.publisher.refresh()
    assert world.publisher.content.guides[QR].steps[0].recalled
    await publish(world, qr_pay=edited(guide))
    assert not world.publisher.content.guides[QR].steps[0].recalled


# What is refused --------------------------------------------------------------------------------


async def test_what_cannot_be_recalled_is_said(world: World) -> None:
    guide = await served(world)
    mine = recalling(world)
    for why, words in ((" . ", "is empty"), ("x" * 301, "301 characters")):
        with pytest.raises(BadRequest, match=words):
            mine.guide(QR, why)
    with pytest.raises(BadRequest, match="did you mean qr_pay"):
        mine.guide("qr_pya", WHY)
    with pytest.raises(BadRequest, match="there is no guide of this id; see"):
        mine.guide("zzzzzzzz", WHY)
    with pytest.raises(BadRequest, match=rf"steps are 1 to {len(guide.steps)}"):
        mine.step(QR, len(guide.steps) + 1, WHY)
    mine.step(QR, 1, WHY)
    with pytest.raises(BadRequest, match=rf"step 1 is recalled already \({WHY}\)"):
        mine.step(QR, 1, "lý do khác")
    mine.guide(QR, WHY)
    with pytest.raises(BadRequest, match=rf"is recalled already, since .* \({WHY}\)"):
        mine.guide(QR, "lý do khác")
    with pytest.raises(BadRequest, match=rf"is recalled already, since .* \({WHY}\)"):
        mine.step(QR, 2, WHY)


async def test_what_nobody_was_shown_needs_no_recall(world: World) -> None:
    world.do(lambda c: c.execute(schema.guide_revisions.delete()).rowcount)
    with pytest.raises(BadRequest, match="nobody was shown one"):
        recalling(world).guide(QR, WHY)


async def test_old_needs_something_newer(world: World) -> None:
    with pytest.raises(BadRequest, match="leave --old out"):
        recalling(world).guide(QR, WHY, old=True)


# Learning of it ---------------------------------------------------------------------------------


async def test_every_process_learns_of_it_and_none_forgets(world: World) -> None:
    guide = await served(world)
    other = Publisher(world.runtime, TITLES)
    other.start()
    await other.publish(world.publisher.loaded, ())
    recalling(world).guide(QR, WHY)
    await other.refresh()
    assert QR not in other.content.guides
    # A look that began before the recall was written comes late.
    other.learn({})
    assert QR not in other.content.guides
    assert other.recalls[QR, guide.revision] == Recall(WHY)
    again = Publisher(world.runtime, TITLES)
    again.start()
    assert again.recalls == other.recalls


async def test_those_inside_come_first(world: World) -> None:
    await served(world)
    for name in ("read", "inside"):
        await world.press(web(name), OPEN[QR])
    await world.say(web("read"), "thôi")
    done = recalling(world).guide(QR, WHY)
    assert list(done.told) == [world.chat(web("inside")), world.chat(web("read"))]


async def test_an_emergency_guide_is_known_by_its_first_minutes(world: World) -> None:
    key = web("a")
    await world.press(key, OPEN[QR])
    wrong = "wrong_transfer"
    assert world.publisher.loaded.guides[wrong].emergency
    await world.press(key, f"guide:{wrong}")
    recalling(world).guide(wrong, WHY)
    (row,) = [row for row in world.in_rows(key) if row.source == "internal"]
    event = open_event(world.runtime.vault, row.payload).event
    assert isinstance(event, ev.GuideRecalled)
    assert event.urgent
    assert event.seen
