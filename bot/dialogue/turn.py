"""One turn being built: the state as it changes, what is said, what is to be done."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from bot.dialogue.facts import Facts
from bot.domain.alerts import AlertPhoto
from bot.domain.data_effects import Agreed, Consent
from bot.domain.effects import Effect, ShowedGuide
from bot.domain.events import Event, Text
from bot.domain.recalls import recall_name
from bot.domain.replies import Choice, PaymentPicture, Priority, Reply, StepPicture
from bot.domain.state import Session, State
from bot.guides.model import Guide
from bot.guides.phrases import Phrases
from bot.safety.masking import Masked, mask
from bot.safety.split import goes_on

#: What is typed for a choice has two digits at most.
_NUMBERS_MOST = 99
_LABEL = re.compile("⟨[^⟩]*⟩")
_WORD = re.compile(r"[^\W_]")


@dataclass(frozen=True, slots=True)
class Decision:
    """What came of an event."""

    state: State
    replies: tuple[Reply, ...]
    effects: tuple[Effect, ...]


class Turn:
    """Collects a decision. Mutable inside one call of `decide`, never seen outside it."""

    def __init__(self, state: State, event: Event, facts: Facts) -> None:
        self.state = state
        self.event = event
        self.facts = facts
        self.content = facts.content
        self._replies: list[Reply] = []
        self._effects: list[Effect] = []
        self._notes: list[str] = []
        self._also: list[Choice] = []

    @property
    def phrases(self) -> Phrases:
        """The bot's sentences, speaking to this person as they are to be addressed."""
        content = self.content
        return content.phrases.addressed(content.people.form(self.state.form).blanks())

    @property
    def effects(self) -> tuple[Effect, ...]:
        """What is to be done so far."""
        return tuple(self._effects)

    @property
    def masked(self) -> str:
        """The text of the event with its secrets covered; empty when the event has no text."""
        if self.facts.masked is not None:
            return self.facts.masked.text
        return mask(self.event.text).text if isinstance(self.event, Text) else ""

    def agreed(self, what: Consent, key: str) -> None:
        """The person said yes to what was asked with this sentence."""
        words = self.content.phrases.sentences[key]
        self.do(Agreed(what, hashlib.sha256(words.encode()).hexdigest()[:12]))

    def cover(self, text: str) -> Masked:
        """What the person wrote, or a part of it, with its secrets covered: also those that began
        in the message before."""
        joined = goes_on(self.facts.open_ends, text)
        return joined.masked if joined is not None else mask(text)

    @property
    def only_secrets(self) -> bool:
        """Whether nothing of the text is left once its secrets are covered."""
        masked = self.facts.masked
        if masked is None or not masked.kinds:
            return False
        return not _WORD.search(_LABEL.sub(" ", masked.text))

    def set(self, **changes: Any) -> None:
        """Change fields of the state."""
        self.state = replace(self.state, **changes)

    def do(self, effect: Effect) -> None:
        """Ask for something to be done with the new state."""
        self._effects.append(effect)

    def showed(self, guide: Guide) -> None:
        """Text of this guide is being shown; recorded once a day, in case it is recalled."""
        name = recall_name(guide.id, guide.revision)
        today = self.facts.now.date()
        if self.state.shown.get(name) != today:
            days = {n: day for n, day in self.state.shown.items() if day == today}
            self.set(shown={**days, name: today})
            self.do(ShowedGuide(guide.id, guide.revision))

    def role(self, person: str) -> str:
        """What to call a member of the household."""
        return self.content.people.roles.get(person, person)

    def note(self, key: str, **values: object) -> None:
        """A sentence to stand before whatever is said next, in the same bubble."""
        self._notes.append(self.phrases.say(key, **values))

    def also(self, choice: Choice) -> None:
        """A choice to stand after those of whatever is said next."""
        self._also.append(choice)

    def text(self, key: str, **values: object) -> str:
        """A sentence of the bot's own."""
        return self.phrases.say(key, **values)

    def choice(self, choice_id: str, label: str, **values: object) -> Choice:
        """A choice with one of the bot's own labels."""
        return Choice(choice_id, self.phrases.button(label, **values))

    def guide_of(self, session: Session) -> Guide | None:
        """The revision a walk began with; the current one when that is all there is."""
        current = self.content.guides.get(session.guide_id)
        if current is not None and current.revision == session.revision:
            return current
        return self.facts.held.get((session.guide_id, session.revision), current)

    def unbegun(self, session: Session) -> bool:
        """Whether a walk's guide has only asked its question so far: no step of it was shown."""
        guide = self.guide_of(session)
        question = guide.question if guide is not None else None
        return question is not None and question.waits(session.choice, self.state.province)

    def way_back(self) -> list[Choice]:
        """The choice that leads back to the step of the open walk, or of the one left for it."""
        session = self.state.session or self.state.suspended
        if session is None:
            return []
        if self.unbegun(session):
            title = self.content.title(session.guide_id)
            return [self.choice(f"back:{session.key}", "back_to_guide", title=title)]
        return [self.choice(f"back:{session.key}", "back_to_step", step=session.step + 1)]

    def say(
        self,
        key: str,
        choices: Iterable[Choice] = (),
        *,
        yes: str = "",
        no: str = "",
        priority: Priority = Priority.REPLY,
        **values: object,
    ) -> None:
        """Say a sentence of the bot's own."""
        self.put(self.text(key, **values), choices, yes=yes, no=no, priority=priority)

    def put(
        self,
        text: str,
        choices: Iterable[Choice] = (),
        *,
        yes: str = "",
        no: str = "",
        priority: Priority = Priority.REPLY,
        ticket_id: int | None = None,
        coalesce: str = "",
        picture: StepPicture | None = None,
        line_id: int | None = None,
        payment: PaymentPicture | None = None,
        alert_id: int | None = None,
        photo: AlertPhoto | None = None,
        carried: bool = False,
    ) -> None:
        """Say a text. Its choices are what a typed number or yes/no will mean from now on."""
        offered = self._in_order((*choices, *self._also))
        self._also.clear()
        body = "\n\n".join([*self._notes, text]) if self._notes else text
        self._notes.clear()
        reply = Reply(
            body,
            offered,
            priority,
            ticket_id,
            coalesce,
            picture,
            line_id=line_id,
            payment=payment,
            alert_id=alert_id,
            photo=photo,
            carried=carried,
        )
        self._replies.append(reply)
        if offered:
            self.set(offered=tuple(c.id for c in offered), yes=yes, no=no)

    def _in_order(self, offered: tuple[Choice, ...]) -> tuple[Choice, ...]:
        """A team's member without buttons is shown several cards one after another, each of which
        can be answered by a number: so the numbers go on until the member does something."""
        if not (offered and self.facts.numbered and self.facts.member is not None):
            return offered
        before = self.state.asked
        if len(before) + len(offered) > _NUMBERS_MOST:
            before = ()
        self.set(asked=(*before, *(choice.id for choice in offered)))
        return tuple(replace(c, number=n) for n, c in enumerate(offered, len(before) + 1))

    def preface(self, key: str) -> bool:
        """Put a sentence before all that was said; False when nothing was, or it is urgent."""
        self._flush()
        if not self._replies or self._replies[0].priority is Priority.URGENT:
            return False
        first = self._replies[0]
        self._replies[0] = replace(first, text=f"{self.text(key)}\n\n{first.text}")
        return True

    def _flush(self) -> None:
        if self._notes:
            self.put(self._notes.pop())

    def done(self) -> Decision:
        """The decision as it stands."""
        self._flush()
        return Decision(self.state, tuple(self._replies), tuple(self._effects))
