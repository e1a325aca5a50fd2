"""A person talking with `decide`: one value to hold the state, the facts and the last answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from bot.dialogue.decide import decide
from bot.dialogue.facts import Facts
from bot.dialogue.turn import Decision
from bot.domain import events as ev
from bot.domain.data_effects import Agreed, TookBack
from bot.domain.effects import Effect
from bot.domain.replies import Reply
from bot.domain.state import Session, State, decode_state, encode_state
from bot.domain.tickets import MemberView, TeamView, TicketStatus, TicketView
from bot.guides.content import Content, load_content
from bot.guides.model import Guide, Obstacle, Step
from bot.safety.masking import mask
from nlu.engine import Decision as Verdict
from nlu.engine import Parse, Ranked
from nlu.intents import INTENTS, Kind

ROOT = Path(__file__).resolve().parents[2]
#: A Monday, nine in the morning in Vietnam.
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
QR, LEVEL_2, SCAM, LINK = "qr_pay", "vneid_level_2", "scam_victim", "scam_link"
ACTIVATE, CITIZEN = "vneid_activate", "digital_citizen"
#: A topic without a guide: the tests' content has the six above only.
UNWRITTEN = "fake_news"
TEAM = TeamView(7, "Tổ công nghệ số Tân Ân", "Tân Ân")


@cache
def content() -> Content:
    """The shipped content with six of its guides, read once."""
    titles = {i.id: i.title for i in INTENTS.values() if i.kind is Kind.GUIDE}
    whole = load_content(ROOT / "content", titles)
    kept = (QR, LEVEL_2, SCAM, LINK, ACTIVATE, CITIZEN)
    return replace(whole, guides={name: unasked(whole.guides[name]) for name in kept})


def unasked(guide: Guide) -> Guide:
    """The guide as the usual reader walks it, with no question before: these tests are not about
    questions (test_situation.py), and a guide may get one."""
    if guide.question is None:
        return guide
    usual = guide.for_choice(guide.question.choices[0].id if guide.question.choices else "")
    return replace(usual, question=None, temporary=(), revision="")


def wait_step() -> int:
    """The step of LEVEL_2 that takes days, counted from 0."""
    steps = content().guides[LEVEL_2].steps
    return next(n for n, step in enumerate(steps) if step.wait is not None)


def last_step(guide_id: str) -> int:
    """The last step of a guide, counted from 0."""
    return len(content().guides[guide_id].steps) - 1


def with_guides(**guides: Guide) -> Content:
    """The shipped content with some guides in another version."""
    return replace(content(), guides={**content().guides, **guides})


def without(*ids: str) -> Content:
    """The shipped content with some guides missing."""
    left = {k: v for k, v in content().guides.items() if k not in ids}
    return replace(content(), guides=left)


def edited(guide_id: str, *, steps: int | None = None) -> Guide:
    """A newer revision of a shipped guide: a word changed, perhaps fewer steps."""
    old = content().guides[guide_id]
    first = replace(old.steps[0], title="Bước đầu đã sửa")
    return replace(old, steps=(first, *old.steps[1:])[:steps], revision="")


def plain_step_guide() -> Guide:
    """A guide with one step that has no obstacles, and one that has."""
    old = content().guides[QR]
    steps = (Step("Mở", "Mở máy."), Step("Bấm", "Bấm nút.", if_stuck=(Obstacle("Kẹt", "Lau."),)))
    return replace(old, steps=steps, related=(), revision="")


def say(key: str, **values: object) -> str:
    """One of the bot's sentences."""
    return content().phrases.say(key, **values)


def button(key: str, **values: object) -> str:
    """One of the bot's button labels."""
    return content().phrases.button(key, **values)


def parse(
    text: str,
    intent: str = "out_of_scope",
    confidence: float = 0.9,
    decision: Verdict = Verdict.ANSWER,
    rest: Sequence[tuple[str, float]] = (),
) -> Parse:
    """What an engine might have understood."""
    ranking = (Ranked(intent, confidence), *(Ranked(n, c) for n, c in rest))
    return Parse(text, intent, confidence, ranking, (), decision)


def nothing(text: str) -> Parse:
    """What an engine says that understands nothing."""
    return parse(text, "out_of_scope", 0.9, Verdict.REFUSE)


def ticket(
    number: int = 5,
    status: TicketStatus = TicketStatus.WAITING,
    helper: str = "",
    **more: Any,
) -> TicketView:
    """A ticket; claimed by member 1 when it has a helper."""
    if helper and status is TicketStatus.WAITING:
        status = TicketStatus.CLAIMED
    base = TicketView(
        id=number,
        chat_id=1,
        status=status,
        urgent=False,
        topic="Quét QR trả tiền",
        guide_title="Quét QR trả tiền",
        step=2,
        failed="Mã mờ",
        name="cô Ba",
        phone="",
        commune="xã Tân Ân",
        created_at=NOW,
        team_id=TEAM.id,
        claimed_by=1 if helper else None,
        helper=helper,
    )
    return replace(base, **more)


def member(*claimed: TicketView) -> MemberView:
    """The team member whose id is 1."""
    return MemberView(1, TEAM.id, "Anh Tư", claimed)


@dataclass
class Talk:
    """A conversation. `facts` is what the next event finds; every event's id is one higher."""

    state: State = field(default_factory=lambda: State(greeted=True))
    facts: Facts = field(default_factory=lambda: Facts(NOW, 100, content(), teams=(TEAM,)))
    replies: tuple[Reply, ...] = ()
    effects: tuple[Effect, ...] = ()

    def know(self, **facts: Any) -> Talk:
        """Let other facts hold from now on."""
        self.facts = replace(self.facts, **facts)
        return self

    def text(
        self,
        text: str,
        intent: str = "",
        confidence: float = 0.9,
        decision: Verdict = Verdict.ANSWER,
        rest: Sequence[tuple[str, float]] = (),
        reply_to: str | None = None,
    ) -> Talk:
        """Type something; without an intent the engine understands nothing."""
        masked = mask(text)
        found = nothing(masked.text)
        if intent:
            found = parse(masked.text, intent, confidence, decision, rest)
        return self.event(ev.Text(text, reply_to), masked=masked, parse=found)

    def press(self, choice: str) -> Talk:
        """Press a button by its choice id."""
        return self.event(ev.Press(choice))

    def tap(self, label: str, **values: object) -> Talk:
        """Press a button of the last answer by the key of its label."""
        wanted = button(label, **values)
        found = [c.id for r in self.replies for c in r.choices if c.label == wanted]
        assert len(found) == 1, f"{wanted!r} is not offered once: {self.labels}"
        return self.press(found[0])

    def event(self, event: ev.Event, **facts: Any) -> Talk:
        """Let something happen."""
        now = replace(self.facts, **{"masked": None, "parse": None, **facts})
        result: Decision = decide(self.state, event, now)
        self.state = decode_state(encode_state(result.state))
        assert self.state == result.state
        self.replies = result.replies
        # What people agreed to is noted beside what is done about it (tests/privacy).
        self.effects = tuple(e for e in result.effects if not isinstance(e, Agreed | TookBack))
        self.facts = replace(self.facts, event_id=self.facts.event_id + 1)
        return self

    def later(self, **ago: int) -> Talk:
        """Let time pass."""
        return self.know(now=self.facts.now + timedelta(**ago))

    @property
    def said(self) -> str:
        """The only answer's text."""
        assert len(self.replies) == 1, [r.text for r in self.replies]
        return self.replies[0].text

    @property
    def ids(self) -> list[str]:
        """The choice ids of the last answer."""
        return [c.id for r in self.replies for c in r.choices]

    @property
    def labels(self) -> list[str]:
        """The labels of the last answer."""
        return [c.label for r in self.replies for c in r.choices]

    @property
    def step(self) -> int:
        """The open session's step, counted from 0."""
        assert self.state.session is not None
        return self.state.session.step


def talk(**state: Any) -> Talk:
    """A greeted person, with fields of the state set."""
    return Talk(State(**{"greeted": True, **state}))


def walking(guide_id: str = QR, step: int = 0) -> Talk:
    """A person at a step of a guide that was just shown."""
    revision = content().guides[guide_id].revision
    there = talk(session=Session(guide_id, revision, step, 50))
    there.press(f"back:{guide_id}")
    return there


def step_said(guide_id: str, step: int) -> str:
    """A step's text as it is shown."""
    guide = content().guides[guide_id]
    shown = guide.steps[step]
    fill = content().phrases.fill
    text = fill(shown.text) + ("\n" + fill(shown.check) if shown.check else "")
    title = fill(shown.title)
    return say("guide_step", step=step + 1, total=len(guide.steps), title=title, text=text)


FRONT = ["path", "guide:vneid_level_2", "guide:qr_pay", "scam", "human", "all"]
#: The page that "menu" shows.
MENU = [*FRONT, "address"]


T = TypeVar("T")


def effect_of(talk: Talk, kind: type[T]) -> T:
    """The only effect of a kind."""
    found = [e for e in talk.effects if isinstance(e, kind)]
    assert len(found) == 1, talk.effects
    return found[0]


def numbered_length(reply: Reply) -> int:
    """How long a reply is where choices are numbered lines."""
    from bot.renderers.text import numbered, utf16_length

    return utf16_length(numbered(reply))
