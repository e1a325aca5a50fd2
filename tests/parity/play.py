"""Plays a script on a channel, writes down what everybody read, and looks at what is stored."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from bench.bad_pictures import code, encoded
from bot.models.schema import (
    alert_subscriptions,
    inbox,
    outbox,
    questions,
    tickets,
    timers,
)
from bot.models.schema import chats as chat_rows
from bot.safety.qr.vietqr import make
from bot.services.joining import Joining
from bot.services.posting import STATE
from bot.store import tickets as ticket_store
from bot.store.ticket_contact import NOTE
from tests.parity.driver import Driver, Someone
from tests.parity.drivers import TelegramDriver, chat_number
from tests.parity.house import PUBLIC
from tests.parity.looks import Seen
from tests.parity.script import CITIZEN, Act, Script, seconds

PICTURES: dict[str, Callable[[], bytes]] = {
    "payment": lambda: encoded(code(make("970405", "1234567890", 150_000, "mua tom kho"))),
    "link": lambda: encoded(code("https://vneid-capnhat.example/dang-nhap")),
    "nothing": lambda: encoded(Image.new("RGB", (320, 240), "steelblue")),
}
#: What a conversation remembers and every channel must remember alike.
_STATE = (
    "finished",
    "family",
    "form",
    "province",
    "device",
    "person",
    "homes",
    "pictures",
    "alerts",
    "alerts_off",
    "followup_off",
    "slot",
    "misses",
    "shown",
)


@dataclass
class Turn:
    """Something that was done, and what somebody read because of it."""

    act: Act
    read: dict[str, list[Seen]] = field(default_factory=dict)


@dataclass
class Played:
    """A script that was played. `bubbles` counts what the citizen was shown."""

    turns: list[Turn]
    kept: dict[str, Any]
    bubbles: int = 0


class Play:
    """One script on one channel."""

    def __init__(self, driver: Driver, script: Script) -> None:
        self.driver, self.house, self.script = driver, driver.house, script
        self.people: dict[str, tuple[Driver, Someone]] = {}
        self.citizen = driver.person("Ba")
        self._chat: int | None = None
        self._seen_chats: list[int] = []

    def run(self) -> Played:
        """Play it from its first line to its last."""
        self.house.morning()
        if self.script.place:
            self.team = self.house.team(self.script.place)
        self.people[CITIZEN] = (self.driver, self.citizen)
        turns = []
        for act in self.script.acts:
            self._do(act)
            self._note_chat()
            read = {name: drv.news(who) for name, (drv, who) in self.people.items()}
            turns.append(Turn(act, {name: seen for name, seen in read.items() if seen}))
        self._mask(turns)
        return Played(turns, self._kept(), len(self.citizen.seen))

    def _do(self, act: Act) -> None:
        if act.how == "join":
            self._join(act.what)
        elif act.how == "later":
            self.house.later(seconds(act.what))
        elif act.how == "alert":
            self.house.alert(act.what)
        else:
            driver, who = self.people[act.who]
            what = (
                act.what.replace("{ticket}", str(self._tickets()[-1]))
                if "{" in act.what
                else act.what
            )
            if act.how == "open":
                driver.open(who)
            elif act.how == "picture":
                driver.show(who, PICTURES[what]())
            elif act.how == "tap":
                driver.tap(who, what)
            else:
                driver.write(who, what)

    def _join(self, name: str) -> None:
        """A member joins by the words of their link, where the citizen is if people join there."""
        driver = self.driver
        if not driver.accounts:
            runtime = self.house.program.runtime
            driver = TelegramDriver(
                runtime.settings.var_dir, runtime.settings.content_dir, self.house
            )
        who = driver.person(name)
        member = self.house.member(self.team, name)
        link = Joining(self.house.program.runtime).link_of(member)
        driver.write(who, link.typed)
        driver.news(who)
        self.people[name] = (driver, who)

    def _note_chat(self) -> None:
        number = chat_number(self.house, self.citizen.key)
        if number is not None and number not in self._seen_chats:
            self._seen_chats.append(number)

    def _tickets(self) -> list[int]:
        query = (
            tickets.select().where(tickets.c.chat_id.in_(self._seen_chats)).order_by(tickets.c.id)
        )
        return [row.id for row in self.house.read(lambda c: c.execute(query).all())]

    def _mask(self, turns: list[Turn]) -> None:
        """What is another every time is made equal: numbers of tickets, their words, addresses."""
        vault = self.house.program.runtime.vault
        swaps: list[tuple[re.Pattern[str], str]] = [
            (re.compile(re.escape(PUBLIC) + r"\S+"), "⟨liên kết⟩")
        ]
        for place, number in enumerate(self._tickets(), 12):
            view = self.house.read(lambda c, n=number: ticket_store.find(c, vault, n))  # type: ignore[misc]
            swaps.append((re.compile(rf"\b{number}\b"), str(place)))
            if view is not None and view.words:
                swaps.append((re.compile(re.escape(view.words)), "⟨ba từ⟩"))

        def swap(text: str) -> str:
            for pattern, to in swaps:
                text = pattern.sub(to, text)
            return text

        for turn in turns:
            for name, seen in turn.read.items():
                turn.read[name] = [
                    Seen(swap(s.text), tuple(map(swap, s.labels)), s.picture, swap(s.alt))
                    for s in seen
                ]

    # What is stored --------------------------------------------------------------------------

    def _kept(self) -> dict[str, Any]:
        """What the database has of the citizen, without numbers, times and the channel."""
        number = chat_number(self.house, self.citizen.key)
        kept: dict[str, Any] = {"events": len(self._rows(inbox))}
        kept["questions"] = [
            {
                "intent": row.intent,
                "outcome": row.outcome,
                **({"guide": row.guide_id} if row.guide_id else {}),
                **({"step": row.step} if row.step is not None else {}),
                **({"judged": row.judged} if row.judged else {}),
                **({"text": row.text} if row.text else {}),
            }
            for row in self._rows(questions)
        ]
        kept["tickets"] = [self._ticket(row) for row in self._rows(tickets)]
        kept["timers"] = [
            f"{row.timer} {row.guide_id} {'rung' if row.fired_at else 'set'}".replace("  ", " ")
            for row in self._rows(timers)
        ]
        wants = self._rows(alert_subscriptions, order="chat_id")
        kept["alerts"] = [
            f"{row.area or 'all'} {'stopped' if row.stopped_at else 'wanted'}" for row in wants
        ]
        kept["state"] = self._state(number)
        out = self._rows(outbox)
        kept["undelivered"] = sum(row.status != "sent" for row in out)
        kept["unhandled"] = sum(
            row.handled_at is None or bool(row.error) for row in self._rows(inbox)
        )
        return {name: value for name, value in kept.items() if value}

    def _rows(self, table: Any, order: str = "id") -> list[Any]:
        query = table.select().where(table.c.chat_id.in_(self._seen_chats)).order_by(table.c[order])
        return list(self.house.read(lambda c: c.execute(query).all()))

    def _ticket(self, row: Any) -> dict[str, Any]:
        vault = self.house.program.runtime.vault
        view = self.house.read(lambda c: ticket_store.find(c, vault, row.id))
        assert view is not None
        lines = self.house.read(lambda c: ticket_store.thread(c, vault, row.id))
        plain = (
            "status",
            "topic",
            "guide_title",
            "step",
            "failed",
            "commune",
            "rung",
            "outcome",
            "rating",
        )
        told = {name: getattr(row, name) for name in plain if getattr(row, name) not in (None, "")}
        told |= {
            name: True for name in ("urgent", "call_requested", "for_other") if getattr(row, name)
        }
        if row.rating_note is not None:
            told["note"] = vault.open(row.rating_note, NOTE).decode()
        told["helper"] = view.helper
        told["name"] = view.name
        told["phone"] = view.phone
        told["talk"] = [f"{line.author}: {line.text}" for line in lines]
        return {name: value for name, value in told.items() if value}

    def _state(self, number: int | None) -> dict[str, Any]:
        if number is None:
            return {}
        query = chat_rows.select().where(chat_rows.c.id == number)
        sealed = self.house.read(lambda c: c.execute(query).one()).state
        if not sealed:
            return {}
        state = json.loads(self.house.program.runtime.vault.open(sealed, STATE))
        kept = {name: state[name] for name in _STATE if name in state}
        if "shown" in kept:
            kept["shown"] = sorted({name.partition(":")[0] for name in kept["shown"]})
        if "finished" in kept:
            kept["finished"] = sorted(kept["finished"])
        for name in ("session", "suspended", "parked", "relay", "draft", "seller"):
            if state.get(name):
                kept[name] = _walks(state[name])
        return kept


def _walks(value: Any) -> Any:
    """Of a walk what is the person's; numbers and revisions are not."""
    if isinstance(value, list):
        return [_walks(each) for each in value]
    gone = ("revision", "question_id", "ticket_id", "waiting_until")
    return {k: v for k, v in value.items() if k not in gone}
