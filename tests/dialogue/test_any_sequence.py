"""Any sequence of events, however odd: the promises that always hold."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.domain import events as ev
from bot.domain.effects import CancelTicket, EraseMe, OpenTicket
from bot.domain.recalls import Recall, StepRecall
from bot.domain.replies import encode_reply
from bot.domain.state import State
from nlu.engine import Decision
from nlu.intents import INTENTS
from tests.dialogue.helpers import (
    ACTIVATE,
    LEVEL_2,
    LINK,
    MENU,
    QR,
    SCAM,
    UNWRITTEN,
    Talk,
    content,
    edited,
    numbered_length,
    ticket,
    with_guides,
    without,
)

SAID = [
    *[
        "tiếp",
        "xong",
        "chưa được",
        "quay lại",
        "nhắc lại",
        "thôi",
        "có",
        "không",
        "rồi",
        "menu",
        "gặp người",
        "lộ trình",
    ],
    *[
        "phiếu của tôi",
        "xóa dữ liệu",
        "kết thúc",
        "bắt đầu",
        "/xyz",
        "0912345678",
        "cô Ba",
        "xã Tân Ân",
    ],
    *[
        "gọi cho tôi",
        "cho mẹ tôi",
        "bổ sung: máy cũ",
        "sửa số điện thoại 0900000001",
        "sửa tên",
        "sửa nơi ở",
        "hủy phiếu",
        "mở lại phiếu",
        "góp ý",
        "ba từ là gì",
        "có người xưng tổ công nghệ gọi tôi",
    ],
    *["mật khẩu là abc12345", "nó đòi giết tôi", "👍", "\u200b", "{you} {title}"],
    *map(str, range(9)),
]
TEXTS = st.one_of(st.sampled_from(SAID), st.text(max_size=40), st.just("ơ " * 2048))
GUIDES = [QR, LEVEL_2, LINK, SCAM, ACTIVATE, UNWRITTEN]
INTENT_IDS = sorted(INTENTS)
ACTIONS = [
    "menu",
    "path",
    "all",
    "group",
    "guide",
    "again",
    "back",
    "next",
    "prev",
    "stuck",
    "still",
    "which",
    "why",
    "pick",
    "none",
    "scam",
    "victim",
    "human",
    "urgent",
    "hand",
    "endtalk",
    "drop",
    "dropped",
    "ticket",
    "talk",
    "reopen",
    "rate",
    "ready",
    "notyet",
    "did",
    "didnot",
    "nofollow",
    "erase",
    "claim",
    "to",
    "x",
]
RECALLS = [f"{g}:{content().guides[g].revision}{n}" for g in (QR, LEVEL_2) for n in ("", ":1")]
RESTS = [*GUIDES, *(f"{g}:{n}" for g in (QR, LEVEL_2) for n in range(4)), "yes", "no", "chat", ""]
RESTS += ["other", "for:mother", "fix:101", "add:101", "note:101", "usephone", "leave", "101"]


class AnySequence(RuleBasedStateMachine):
    """One citizen's conversation, with tickets that come and go as the effects say."""

    def __init__(self) -> None:
        super().__init__()
        self.talk = Talk(State())
        self.choices: list[str] = []
        self.helper = "Anh Tư"

    @initialize(begin=st.booleans())
    def begin(self, begin: bool) -> None:
        if begin:
            self._after(self.talk.event(ev.Start()))

    def _after(self, there: Talk) -> None:
        self.choices = [*self.choices, *there.ids][-60:]
        tickets = list(there.facts.tickets)
        for effect in there.effects:
            if isinstance(effect, OpenTicket):
                tickets.append(ticket(there.facts.event_id - 1, urgent=effect.urgent))
            if isinstance(effect, CancelTicket):
                tickets = [t for t in tickets if t.id != effect.ticket_id]
            if isinstance(effect, EraseMe):
                tickets = []
        there.know(tickets=tuple(tickets))

    @rule(text=TEXTS)
    def types_what_nobody_understands(self, text: str) -> None:
        relay = self.talk.state.relay
        self._after(self.talk.text(text))
        assert self.talk.replies or relay is not None

    @rule(
        text=st.sampled_from(["chuyen gi do", "ờ thì cái đó"]),
        intent=st.sampled_from(INTENT_IDS),
        decision=st.sampled_from(Decision),
        other=st.sampled_from(INTENT_IDS),
    )
    def asks(self, text: str, intent: str, decision: Decision, other: str) -> None:
        relay = self.talk.state.relay
        rest = [] if other == intent else [(other, 0.3)]
        self._after(self.talk.text(text, intent, 0.5, decision, rest))
        assert self.talk.replies or relay is not None

    @rule(data=st.data())
    def presses_what_is_or_was_offered(self, data: st.DataObject) -> None:
        if self.choices:
            self._press(data.draw(st.sampled_from(self.choices)))

    @rule(number=st.integers(1, 8))
    def presses_the_latest(self, number: int) -> None:
        offered = self.talk.state.offered
        if offered:
            self._press(offered[(number - 1) % len(offered)])

    @rule(action=st.sampled_from(ACTIONS), rest=st.sampled_from(RESTS))
    def presses_something_made_up(self, action: str, rest: str) -> None:
        self._press(f"{action}:{rest}")

    @rule(choice=st.text(max_size=64))
    def presses_garbage(self, choice: str) -> None:
        self._press(choice)

    def _press(self, choice: str) -> None:
        before = self.talk.state.last_press
        self._after(self.talk.press(choice))
        assert self.talk.replies or choice == before

    @rule(what=st.sampled_from(["photo", "sticker", "poll", ""]))
    def sends_no_text(self, what: str) -> None:
        self._after(self.talk.event(ev.Attachment(what)))
        assert self.talk.replies

    @rule(phone=st.sampled_from(["0912345678", "x", ""]))
    def shares_a_contact(self, phone: str) -> None:
        self._after(self.talk.event(ev.Contact(phone)))
        assert self.talk.replies

    @rule(again=st.booleans())
    def opens_the_chat(self, again: bool) -> None:
        self._after(self.talk.event(ev.Start() if again else ev.Hello()))

    @rule(timer=st.sampled_from(["wait", "followup"]), guide=st.sampled_from(GUIDES))
    def a_timer_rings(self, timer: str, guide: str) -> None:
        kind = ev.TimerDue("wait" if timer == "wait" else "followup", guide)
        self._after(self.talk.event(kind))

    @rule(name=st.sampled_from(RECALLS), known=st.booleans())
    def a_correction_has_waited(self, name: str, known: bool) -> None:
        guide, revision, *step = name.split(":")
        steps = {1: StepRecall("Mở", "nút đã dời")} if step else {}
        gone = {(guide, revision): Recall("" if steps else "phí đã đổi", steps)} if known else {}
        self._after(self.talk.event(ev.TimerDue("recall", name), recalled=gone))
        assert known or not self.talk.replies

    @rule(hours=st.integers(1, 200))
    def time_passes(self, hours: int) -> None:
        self.talk.know(now=self.talk.facts.now + timedelta(hours=hours))

    @rule()
    def somebody_takes_the_ticket(self) -> None:
        if not self.talk.facts.tickets:
            return
        first, *others = self.talk.facts.tickets
        taken = ticket(first.id, helper=self.helper, urgent=first.urgent)
        self.talk.know(tickets=(taken, *others))
        self._after(self.talk.event(ev.TicketClaimed(taken.id, self.helper)))

    @rule(text=st.sampled_from(["Bác ơi", "{you} ", ""]))
    def the_helper_says(self, text: str) -> None:
        for each in self.talk.facts.tickets:
            if each.helper:
                self._after(self.talk.event(ev.HelperSaid(each.id, each.helper, text)))
                return

    @rule()
    def the_ticket_is_closed(self) -> None:
        if self.talk.facts.tickets:
            first, *others = self.talk.facts.tickets
            self.talk.know(tickets=tuple(others))
            self._after(self.talk.event(ev.TicketClosed(first.id, self.helper)))

    @rule(number=st.integers(90, 120))
    def somebody_cannot_be_reached(self, number: int) -> None:
        self._after(self.talk.event(ev.PeerUnreachable(number)))

    @rule(
        guide=st.sampled_from([QR, LEVEL_2]),
        change=st.sampled_from(["edit", "cut", "gone", "back"]),
    )
    def the_guides_change(self, guide: str, change: str) -> None:
        now = {
            "edit": with_guides(**{guide: edited(guide)}),
            "cut": with_guides(**{guide: edited(guide, steps=2)}),
            "gone": without(guide),
            "back": content(),
        }[change]
        self.talk.know(content=now)

    @rule(guide=st.sampled_from([QR, LEVEL_2]), told=st.booleans(), seen=st.booleans())
    def a_guide_is_recalled(self, guide: str, told: bool, seen: bool) -> None:
        session = self.talk.state.session
        revision = content().guides[guide].revision
        self.talk.know(content=without(guide))
        if told:
            self._tell(ev.GuideRecalled(guide, revision, "phí đã đổi", seen=seen))
        elif session is not None and session.guide_id == guide:
            known = {(guide, session.revision): Recall("phí đã đổi")}
            self._after(self.talk.event(ev.Text("tiếp"), recalled=known))
            assert self.talk.replies

    @rule(guide=st.sampled_from([QR, LEVEL_2]), step=st.integers(1, 3), seen=st.booleans())
    def a_step_is_recalled(self, guide: str, step: int, seen: bool) -> None:
        whole = content().guides[guide]
        title = whole.steps[step - 1].title
        self.talk.know(content=with_guides(**{guide: whole.without_step(step, "Đừng làm.")}))
        self._tell(ev.GuideRecalled(guide, whole.revision, "nút đã dời", step, title, seen=seen))

    def _tell(self, event: ev.GuideRecalled) -> None:
        state = self.talk.state
        walks = (state.session, state.suspended, *state.parked)
        inside = [
            w for w in walks if w and (w.guide_id, w.revision) == (event.guide_id, event.revision)
        ]
        self._after(self.talk.event(event))
        assert event.seen or inside or not self.talk.replies
        said = bool(self.talk.replies)
        # The same once more, as when a process died before it noted the first.
        self._after(self.talk.event(event))
        assert not (said and self.talk.replies)

    @rule()
    def the_menu_is_always_there(self) -> None:
        there = self.talk.text("menu")
        offered = there.ids
        back, talking = there.state.session or there.state.suspended, there.state.relay
        front = [f"back:{back.guide_id}"] if back else []
        front += ["endtalk"] if talking else []
        assert offered == [*front, *MENU]
        assert there.state.slot is None
        self._after(there)
        if there.state.session is None or talking:
            return
        session, parked = there.state.session, there.state.parked
        self._after(there.text("tiếp"))
        now = there.state
        vanished = session.guide_id not in there.facts.content.guides
        assert now.session != session or vanished
        if now.session is None:
            ended = session.guide_id in now.finished or now.parked != parked
            assert ended or vanished

    @invariant()
    def every_answer_can_be_sent(self) -> None:
        for reply in self.talk.replies:
            assert reply.text.strip()
            assert numbered_length(reply) <= 4096
            assert "None" not in reply.text
            assert "{" not in reply.text.replace("{you} {title}", "").replace("{you} ", "")
            assert encode_reply(reply)
            ids = [c.id for c in reply.choices]
            assert len(set(ids)) == len(ids)
            for choice in reply.choices:
                assert choice.id
                assert len(choice.id.encode()) <= 64
                assert choice.label.strip()
                assert "{" not in choice.label

    @invariant()
    def what_is_remembered_hangs_together(self) -> None:
        state = self.talk.state
        assert state.slot is None or state.draft is not None
        assert len(state.parked) <= 5
        known = [s.guide_id for s in (state.session, state.suspended, *state.parked) if s]
        assert len(set(known)) == len(known)
        assert all(s.step >= 0 for s in (state.session, state.suspended) if s)


AnySequence.TestCase.settings = settings(
    max_examples=40,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
TestAnySequence = AnySequence.TestCase
