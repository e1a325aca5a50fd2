"""Links between chats of one person: what a decision may know of them, and what it wants done.

In the decision's own transaction. A code is kept as a keyed hash; nothing is shared before whoever
asked for it has confirmed its use.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime

from sqlalchemy import Connection

from bot.domain import effects as ef
from bot.domain import events as ev
from bot.domain.linking import (
    CHATS_MOST,
    WRONG_MOST,
    WRONG_MOST_ALL,
    LinkAsk,
    LinkedChat,
    LinkState,
    LinkView,
    new_code,
    typed_code,
)
from bot.domain.state import State
from bot.guides.phrases import Command, Phrases
from bot.services.posting import post
from bot.services.runtime import Runtime
from bot.store import alerts, linking
from bot.store.inbox import ChatRow

_PURPOSE = "link code"
#: What a button of the confirmation begins with (bot.dialogue.linking).
_CONFIRMS = "link:"


class LinkFacts:
    """Reads what is known of a chat's links."""

    def __init__(self, runtime: Runtime) -> None:
        self._key = runtime.vault.derive(_PURPOSE)

    def load(
        self,
        connection: Connection,
        chat: ChatRow,
        event: ev.Event,
        state: State,
        phrases: Phrases,
        now: datetime,
    ) -> LinkView | None:
        """What this event needs to know; None when it has nothing to do with links."""
        if chat.key.is_group:
            return None
        text = event.text if isinstance(event, ev.Text) else ""
        code = typed_code(text)
        if code is not None:
            return self._typed(connection, chat.id, code, now)
        command = phrases.command(text)
        if command is Command.LINK:
            return LinkView(self._fresh(connection))
        pressed = event.choice if isinstance(event, ev.Press) else ""
        if (
            isinstance(event, ev.LinkAsked)
            or command in (Command.LINK_YES, Command.LINK_NO)
            or any(choice.startswith(_CONFIRMS) for choice in (pressed, *state.offered))
        ):
            return LinkView(asked=_asked(connection, chat.id, now))
        return None

    def _fresh(self, connection: Connection) -> str:
        while linking.known(connection, self.hashed(code := new_code(secrets.choice))):
            pass
        return code

    def hashed(self, text: str) -> str:
        """What the database keeps of a code, or of the chat that typed a wrong one."""
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()

    def who(self, chat: int) -> str:
        """What wrong codes are counted by."""
        return self.hashed(f"chat {chat}")

    def _typed(self, connection: Connection, chat: int, code: str, now: datetime) -> LinkView:
        mine, every = linking.misses(connection, self.who(chat), now)
        if mine >= WRONG_MOST:
            return LinkView(typed=LinkState.BLOCKED)
        if every >= WRONG_MOST_ALL:
            return LinkView(typed=LinkState.BUSY)
        found = linking.find_code(connection, self.hashed(code))
        if found is None or found.asked_by or found.expires_at <= now:
            return LinkView(typed=LinkState.WRONG, left=WRONG_MOST - mine - 1)
        return LinkView(typed=_state(connection, chat, found), code_id=found.id)


def _state(connection: Connection, chat: int, code: linking.Code) -> LinkState:
    if code.chat_id == chat:
        return LinkState.OWN
    linked = linking.others(connection, chat)
    if any(each.chat_id == code.chat_id for each in linked):
        return LinkState.SAME
    if linked:
        return LinkState.TAKEN
    if len(linking.others(connection, code.chat_id)) + 1 >= CHATS_MOST:
        return LinkState.FULL
    return LinkState.OPEN


def _asked(connection: Connection, chat: int, now: datetime) -> LinkAsk | None:
    found = linking.asked_of(connection, chat, now)
    if found is None:
        return None
    code, channel = found
    area = alerts.wanted_by(connection, chat)
    same = area is not None and area == alerts.wanted_by(connection, code.asked_by)
    return LinkAsk(code.id, channel, code.asked_at or now, same_alerts=same)


def part(connection: Connection, runtime: Runtime, chat: int, channel: str) -> set[int]:
    """A chat was left by its person for good, outside of any talk; the chats to wake. The ones it
    was linked with are told, once."""
    now = runtime.now()
    woken: set[int] = set()
    for each in linking.leave(connection, chat, now):
        event = ev.LinkEnded(channel, bool(linking.others(connection, each.chat_id)))
        name = f"parted{chat}:{each.chat_id}:{now.timestamp()}"
        post(connection, runtime.vault, each.chat_id, ev.Envelope(event), name, now)
        woken.add(each.chat_id)
    return woken


class Linking:
    """Does what a decision of one chat wants done; `wake` lists the chats that were told."""

    def __init__(
        self, runtime: Runtime, connection: Connection, chat: ChatRow, event_id: int, now: datetime
    ) -> None:
        self._runtime = runtime
        self._c = connection
        self._chat = chat
        self._event = event_id
        self._now = now
        self.wake: set[int] = set()

    def run(self, effect: ef.LinkEffect) -> None:
        """Do one thing."""
        c, chat, now = self._c, self._chat.id, self._now
        facts = LinkFacts(self._runtime)
        match effect:
            case ef.MakeLinkCode():
                linking.put_code(c, chat, facts.hashed(effect.code), now)
            case ef.MissLinkCode():
                linking.missed(c, facts.who(chat), now)
            case ef.AskLink():
                giver = linking.ask(c, effect.code_id, chat, now)
                if giver is not None:
                    asked = ev.LinkAsked(effect.code_id, self._chat.key.channel, now)
                    self._tell(giver, asked)
            case ef.AnswerLink():
                self._answer(effect)
            case ef.Unlink():
                self._ended(linking.leave(c, chat, now))
            case ef.CarryProgress():
                for each in linking.others(c, chat):
                    self._tell(each.chat_id, ev.ProgressCarried(effect.progress))
            case ef.Acted():
                linking.acted(c, chat, now)

    def _answer(self, effect: ef.AnswerLink) -> None:
        other = linking.answer(self._c, effect.code_id, self._chat.id, self._now)
        if other is None:
            return
        joined = effect.yes and linking.join(self._c, self._chat.id, other, self._now)
        channel = self._chat.key.channel
        event = ev.LinkMade(channel, effect.progress) if joined else ev.LinkRefused()
        self._tell(other, event)

    def erase(self, *, everywhere: bool) -> None:
        """Forget this chat's links before it is erased; `everywhere`: the others follow."""
        left = linking.forget(self._c, self._chat.id, self._now)
        if everywhere:
            for each in left:
                self._tell(each.chat_id, ev.EraseWanted(self._chat.key.channel))
        else:
            self._ended(left)

    def _ended(self, left: tuple[LinkedChat, ...]) -> None:
        for each in left:
            still = bool(linking.others(self._c, each.chat_id))
            self._tell(each.chat_id, ev.LinkEnded(self._chat.key.channel, still))

    def _tell(self, chat: int, event: ev.InternalEvent) -> None:
        name = f"link{self._event}:{len(self.wake)}:{event.kind}:{chat}"
        post(self._c, self._runtime.vault, chat, ev.Envelope(event), name, self._now)
        self.wake.add(chat)
