"""A voice note on a helper's own page: for whoever holds the ticket, and nobody else."""

from __future__ import annotations

from bot.store import voice
from tests.console.world import World, acted

NOTE = b"OggS" + bytes(range(200))


def note_for(world: World, ticket: int, media: str = "audio/ogg") -> int:
    """A note on a ticket."""
    runtime = world.runtime
    chat = world.view(ticket).chat_id

    def work(connection):  # type: ignore[no-untyped-def]
        voice.hold(connection, runtime.vault, chat, media, NOTE, 12, runtime.now())
        assert voice.attach(connection, chat, ticket)
        return voice.of_ticket(connection, ticket)[0].id

    return int(runtime.db.write_now(work))


def test_whoever_holds_the_ticket_hears_it(world: World) -> None:
    team = world.team()
    lan, ba = (world.link(world.member(team, name)) for name in ("Chị Lan", "Anh Ba"))
    ticket = world.ticket(team)
    note = note_for(world, ticket)
    browser = world.browser()
    address = f"/tickets/{ticket}/notes/{note}"
    # Nobody holds it yet: it is neither shown nor given.
    assert "<audio" not in browser.get(f"{lan}/tickets/{ticket}").text
    assert browser.get(f"{lan}{address}").status_code == 404
    acted(browser, lan, ticket, "claim")
    page = browser.get(f"{lan}/tickets/{ticket}")
    assert f'<audio controls preload="none" src="{lan}{address}">' in page.text
    assert "12 giây" in page.text
    assert "media-src 'self'" in page.headers["Content-Security-Policy"]
    heard = browser.get(f"{lan}{address}")
    assert (heard.status_code, heard.content) == (200, NOTE)
    assert heard.headers["Content-Type"] == "audio/ogg"
    assert heard.headers["Cache-Control"] == "no-store"
    assert browser.get(f"{ba}{address}").status_code == 404
    assert browser.get(f"{lan}/tickets/{ticket + 1}/notes/{note}").status_code == 404
    assert browser.get(f"{lan}/tickets/{ticket}/notes/{10**30}").status_code == 404
    acted(browser, lan, ticket, "close")
    assert browser.get(f"{lan}{address}").status_code == 404


def test_a_part_of_it_for_browsers_that_want_parts(world: World) -> None:
    team = world.team()
    lan = world.link(world.member(team, "Chị Lan"))
    ticket = world.ticket(team)
    address = f"{lan}/tickets/{ticket}/notes/{note_for(world, ticket)}"
    browser = world.browser()
    acted(browser, lan, ticket, "claim")

    def part(asked: str) -> tuple[int, bytes, str]:
        answer = browser.get(address, headers={"Range": asked})
        return answer.status_code, answer.content, answer.headers.get("Content-Range", "")

    assert part("bytes=0-1") == (206, NOTE[:2], f"bytes 0-1/{len(NOTE)}")
    assert part("bytes=100-") == (206, NOTE[100:], f"bytes 100-{len(NOTE) - 1}/{len(NOTE)}")
    assert part("bytes=9999-")[0] == 416
    assert part("bytes=5-2")[0] == 416
    assert part("lines=1-2")[:2] == (200, NOTE)


def test_a_type_that_is_not_ours_is_never_given_to_a_browser(world: World) -> None:
    team = world.team()
    lan = world.link(world.member(team, "Chị Lan"))
    ticket = world.ticket(team)
    address = f"{lan}/tickets/{ticket}/notes/{note_for(world, ticket, 'text/html')}"
    browser = world.browser()
    acted(browser, lan, ticket, "claim")
    answer = browser.get(address)
    assert answer.headers["Content-Type"] == "application/octet-stream"
