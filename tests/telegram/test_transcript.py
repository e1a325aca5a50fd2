"""A whole handoff - citizen, bot, member, lead - played through Telegram and written down.

docs/handoff-transcript.md is what this test plays; with WRITE_DOCS=1 it is written anew.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bot.models.schema import members
from bot.store.db import Database, make_engine
from bot.store.tickets import add_member, all_teams
from tests.fakes.telegram import SentMessage
from tests.telegram.stage import Person, Stage, Team, say_place, ticket_number

PAGE = Path(__file__).resolve().parents[2] / "docs" / "handoff-transcript.md"
HEAD = """# A handoff from beginning to end

What a citizen (bà Sáu), the team's group, a member (Lan) and the team's lead (anh Tư) write, press
and read in Telegram, word for word. `tests/telegram/test_transcript.py` plays it against the fake
Bot API server and compares; with `WRITE_DOCS=1` it writes this page anew. Only what
differs every time is made equal: the ticket's number, its three words, times, links.
"""
#: What stands before a ticket's number; a step or an age may be the same number.
_BEFORE = r"[Pp]hiếu(?: số)?|gọi|gửi|hen|tới|xong|nhận"
_DAY = r"(?:thứ (?:Hai|Ba|Tư|Năm|Sáu|Bảy)|Chủ nhật) \d{1,2}/\d{1,2}"
_SAME = (
    (re.compile(rf"\d{{1,2}} giờ(?: \d\d)? (?:{_DAY}|hôm nay|ngày mai)"), "⟨giờ⟩"),
    (re.compile(r"http://\S+"), "⟨liên kết⟩"),
)


@dataclass
class Scene:
    """Writes down who says what to whom."""

    ticket: int = 0
    words: str = ""
    lines: list[str] = field(default_factory=list)

    def part(self, title: str) -> None:
        self.lines += ["", f"## {title}", ""]

    def said(self, who: str, text: str) -> None:
        self._add(who, text)

    def pressed(self, who: str, label: str) -> None:
        self._add(who, f"[{label}]")

    def read(self, who: str, message: SentMessage) -> SentMessage:
        buttons = " ".join(f"[{label}]" for label in message.labels)
        self._add(f"bot → {who}", message.text + (f"\n{buttons}" if buttons else ""))
        return message

    def _add(self, who: str, text: str) -> None:
        body = "\n".join(f"> {line}".rstrip() for line in text.strip().splitlines())
        self.lines += [f"**{who}**", "", body, ""]

    def page(self) -> str:
        text = "\n".join(self.lines)
        if self.words:
            text = text.replace(self.words, "⟨ba từ⟩")
        text = re.sub(rf"({_BEFORE}) {self.ticket}\b", r"\1 12", text)
        for pattern, same in _SAME:
            text = pattern.sub(same, text)
        return f"{HEAD}{text.rstrip()}\n"


class Actor:
    """Somebody in a private chat, with everything written down."""

    def __init__(self, scene: Scene, person: Person, name: str) -> None:
        self.scene, self.person, self.name = scene, person, name

    def say(self, text: str) -> SentMessage:
        self.writes(text)
        return self.scene.read(self.name, self.person.next())

    def tap(self, label: str, on: SentMessage | None = None) -> SentMessage:
        self.scene.pressed(self.name, label)
        message = on or self.person.last_read
        self.person.catch_up()
        self.person.tg.press(self.person.user, message, label)
        return self.scene.read(self.name, self.person.next())

    def hears(self, containing: str) -> SentMessage:
        return self.scene.read(self.name, self.person.hears(containing))

    def writes(self, text: str) -> None:
        """Write something that the bot passes on without a word."""
        self.scene.said(self.name, text)
        self.person.catch_up()
        self.person.tg.send_text(self.person.user, text)


def with_roster(stage: Stage, team: Team, *people: tuple[Person, str, str]) -> None:
    """Members of the team, by name and role."""
    database = Database(make_engine(f"sqlite:///{stage.database}"))
    try:
        for person, name, role in people:

            def work(c, person=person, name=name, role=role):  # type: ignore[no-untyped-def]
                (own,) = [t for t in all_teams(c) if t.group == str(team.group.id)]
                number = add_member(c, own.id, name, str(person.id), datetime.now(UTC))
                c.execute(members.update().where(members.c.id == number).values(role=role))

            database.write_now(work)
    finally:
        database.close()


def played(stage: Stage) -> str:
    """The whole dialogue."""
    scene = Scene()
    sau, lan, tu = stage.person("Sáu"), stage.person("Lan"), stage.person("Tư")
    team = stage.team("Hồ Thị Kỷ", lan, tu)
    with_roster(stage, team, (lan, "Lan", "member"), (tu, "Tư", "lead"))
    sau.start()
    citizen, member = Actor(scene, sau, "bà Sáu"), Actor(scene, lan, "Lan")
    _asking(scene, citizen)
    _claiming(scene, stage, team, citizen, member)
    _talking(scene, citizen, member, Actor(scene, tu, "anh Tư"))
    _visiting(scene, citizen, member)
    _closing(scene, team, citizen, member)
    return scene.page()


def _asking(scene: Scene, citizen: Actor) -> None:
    scene.part("Bà Sáu kẹt ở một bước, xin gặp người")
    citizen.say("lam dinh danh muc 2")
    citizen.tap("Cho tôi")
    citizen.hears("Bước 1/8")
    citizen.tap("Chưa làm được")
    citizen.say("gặp người")
    citizen.tap("Đồng ý")
    citizen.say("Sáu")
    citizen.tap("Gọi điện cho tôi")
    asked = citizen.say("0912 345 678")
    citizen.tap(asked.labels[0])
    scene.said(citizen.name, "xã Hồ Thị Kỷ")
    opened = say_place(citizen.person, "xã Hồ Thị Kỷ")
    scene.read(citizen.name, opened)
    scene.ticket = ticket_number(opened)


def _claiming(scene: Scene, stage: Stage, team: Team, citizen: Actor, member: Actor) -> None:
    scene.part("Tổ nhận phiếu")
    card = scene.read("nhóm của tổ", team.card(scene.ticket))
    label = f"Nhận phiếu {scene.ticket}"
    scene.pressed("Lan (trong nhóm)", label)
    stage.tg.press(member.person.user, card, label, chat=team.group)
    scene.read("nhóm của tổ", team.hears(f"Phiếu {scene.ticket}: Lan đã nhận"))
    briefing = member.hears(f"đã nhận phiếu {scene.ticket}")
    found = re.search(r"ba từ: ([^.]+)\.", briefing.text)
    assert found, briefing.text
    scene.words = found[1]
    told = citizen.hears("Lan đã nhận phiếu")
    assert scene.words in told.text, "both have the same three words"


def _talking(scene: Scene, citizen: Actor, member: Actor, lead: Actor) -> None:
    number = scene.ticket
    scene.part("Nói chuyện qua bot; không nghe máy; một bước của hướng dẫn")
    member.say(f"gọi {number}")
    member.say("2")
    citizen.hears("Lan")
    member.say(f"gửi {number} mẫu 1")
    citizen.hears("có người lo rồi")
    member.say(f"gửi {number} bước 1")
    citizen.hears("Bước 1/")
    citizen.writes("dạ tui mở máy rồi đó con, nó hiện chữ gì tui hổng thấy")
    member.hears("hổng thấy")
    scene.part("Một tin hỏi mã OTP")
    member.say("bác đọc mã OTP cho con làm luôn cho lẹ")
    citizen.hears("Lan: bác đọc mã OTP")
    lead.hears(f"Phiếu {number}")


def _visiting(scene: Scene, citizen: Actor, member: Actor) -> None:
    scene.part("Hẹn tới nhà")
    member.say(f"hen {scene.ticket} chieu mai 3 gio")
    member.say("đúng")
    citizen.hears("hẹn tới nhà")


def _closing(scene: Scene, team: Team, citizen: Actor, member: Actor) -> None:
    number = scene.ticket
    scene.part("Xong")
    member.say(f"đã tới {number} 45 phút")
    member.tap(f"Xong phiếu {number}")
    member.say("1")
    scene.read("nhóm của tổ", team.hears(f"Phiếu {number}: Lan báo đã xong"))
    citizen.hears("đã đóng phiếu")
    citizen.tap("Rất tốt")
    member.say("của tôi")


def test_the_page_is_what_is_played(stage: Stage) -> None:
    page = played(stage)
    if os.environ.get("WRITE_DOCS"):
        PAGE.write_text(page, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page
