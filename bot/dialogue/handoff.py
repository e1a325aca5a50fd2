"""Asking for a person: consent, for whom, a few details, and the request is on its way."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue import amending, form, ladder, menu, place, tracking, walk
from bot.dialogue.show import walk_title
from bot.dialogue.turn import Turn
from bot.dialogue.urgent import LIFE, SCAM_GUIDE
from bot.domain.data_effects import Consent, TookBack
from bot.domain.effects import OpenTicket, Outcome, SetLocality, SetOutcome
from bot.domain.events import Text
from bot.domain.phones import plain_phone
from bot.domain.replies import Choice
from bot.domain.state import Draft, Session, Slot
from bot.guides.phrases import Command
from bot.guides.words import capital
from bot.locality.teams import pick_team

_PHONE_TRIES_MOST = 3

#: What each slot asks, and the choice (its id after "hand:", its label) that leaves it open.
_ASKED = {
    Slot.NAME: ("hand_name", "noname", "skip"),
    Slot.PHONE: ("hand_phone", "chat", "by_chat"),
}
#: Wishes for a call that take one tap: the id after "hand:when:", the label.
_WHEN = ("any_time", "morning", "afternoon", "evening")


def ask_human(turn: Turn, topic: str = "", *, urgent: bool = False, call: bool = False) -> None:
    """The person wants a person: ask consent, unless a request is open already."""
    typed = turn.event.text if isinstance(turn.event, Text) else ""
    cues = turn.phrases.cues
    call = call or cues.wants_call(typed)
    waiting = turn.facts.tickets
    if waiting and not (urgent and not any(t.urgent for t in waiting)):
        if call:
            amending.command("call")(turn)
        else:
            tracking.status(turn)
        return
    session = turn.state.session
    topic = topic or (session.guide_id if session else "")
    whom = cues.role(typed) or (session.person if session else "")
    turn.set(draft=Draft(urgent=urgent, topic=topic, call=call, whom=whom), slot=None)
    _ask_consent(turn)


def call_me(turn: Turn) -> None:
    """They would rather be called than type."""
    draft, slot = turn.state.draft, turn.state.slot
    if draft is None or draft.ticket_id or turn.facts.tickets:
        turn.set(draft=None, slot=None)
        ask_human(turn, call=True)
    elif slot is None:
        turn.set(draft=replace(draft, call=True))
        _ask_consent(turn)
    else:
        _ask(turn, replace(draft, call=True), Slot.PHONE)


# Consent ----------------------------------------------------------------------------------------


def _ask_consent(turn: Turn) -> None:
    draft = turn.state.draft or Draft()
    if draft.whom:
        yes, no = turn.choice("hand:yes", "agreed"), turn.choice("hand:no", "not_agreed")
        who = turn.role(draft.whom)
        turn.say("hand_consent_other", [yes, no], yes=yes.id, no=no.id, who=who, Who=capital(who))
        return
    yes, no = turn.choice("hand:yes", "yes"), turn.choice("hand:no", "no")
    other = [] if draft.urgent else [turn.choice("hand:other", "for_other")]
    key = "hand_consent_call" if draft.call else "hand_consent"
    turn.say(key, [yes, no, *other], yes=yes.id, no=no.id)


def _agree(turn: Turn, draft: Draft) -> None:
    if draft.whom:
        turn.agreed(Consent.HANDOFF_OTHER, "hand_consent_other")
    else:
        turn.agreed(Consent.HANDOFF, "hand_consent_call" if draft.call else "hand_consent")


def for_whom(turn: Turn, text: str) -> str:
    """While consent is being asked: the role of the person it is for ("cho mẹ tôi"), else ""."""
    state = turn.state
    if state.draft is None or state.slot is not None or state.draft.ticket_id:
        return ""
    return turn.phrases.cues.role(text)


def set_whom(turn: Turn, role: str) -> None:
    """The request is for this person, who must have agreed."""
    if role not in turn.content.people.roles:
        _ask_whom(turn)
        return
    turn.set(draft=replace(turn.state.draft or Draft(), whom=role), slot=None)
    _ask_consent(turn)


def _ask_whom(turn: Turn) -> None:
    roles = turn.content.people.roles
    choices = [Choice(f"hand:for:{role}", capital(who)) for role, who in roles.items()]
    turn.say("hand_whom", [*choices, turn.choice("hand:no", "leave_request")])


def decline(turn: Turn) -> None:
    """No consent, or a change of mind: nothing is passed on."""
    draft = turn.state.draft
    turn.set(draft=None, slot=None)
    if draft is not None and not draft.ticket_id:
        turn.do(TookBack((Consent.HANDOFF, Consent.HANDOFF_OTHER, Consent.CALL)))
    if draft is not None and draft.ticket_id:
        turn.note("left_as_is")
    elif draft is not None and draft.whom:
        turn.note("hand_declined_other", who=turn.role(draft.whom))
    else:
        turn.note("hand_declined")
    walk.step_or_menu(turn)


def cancel(turn: Turn) -> None:
    """Not needed any more: the request being made, else the one that is open."""
    draft = turn.state.draft
    if draft is not None and not draft.ticket_id:
        decline(turn)
    else:
        turn.set(draft=None, slot=None)
        amending.cancel(turn)


# Buttons ----------------------------------------------------------------------------------------


def on_hand(turn: Turn, answer: str) -> None:
    """A button of the handoff dialogue, its id after "hand:"."""
    draft = turn.state.draft
    if amending.pressed(turn, answer):
        return
    if draft is not None and draft.ticket_id:
        # A button of another request while this one is being corrected.
        turn.set(draft=None, slot=None)
        draft = None
    if answer == "no":
        decline(turn)
    elif draft is None:
        ask_human(turn)
    elif answer == "yes":
        _agree(turn, draft)
        _ask(turn, draft, Slot.PHONE if draft.call else Slot.NAME)
    elif answer == "other":
        _ask_whom(turn)
    elif answer.startswith("for:"):
        set_whom(turn, answer.removeprefix("for:"))
    elif turn.state.slot is None:
        # An old button, and no consent to this request yet.
        _ask_consent(turn)
    else:
        _on_detail(turn, draft, answer)


def _on_detail(turn: Turn, draft: Draft, answer: str) -> None:
    if answer == "noname":
        _ask_how(turn, draft)
    elif answer == "phone":
        _ask(turn, replace(draft, call=True), Slot.PHONE)
    elif answer == "chat":
        _ask(turn, replace(draft, phone="", call=False), Slot.COMMUNE)
    elif answer.startswith("when:"):
        wish = answer.removeprefix("when:")
        known = wish in _WHEN and wish != _WHEN[0]
        when = turn.phrases.button(wish) if known else ""
        _ask(turn, replace(draft, when=when), Slot.COMMUNE)
    elif answer == "nocommune":
        _open(turn, draft, place.Home())
    elif turn.state.slot is Slot.COMMUNE and place.answers(answer):
        _placed(turn, place.pick(turn, answer))
    else:
        ask_again(turn)


# What is typed ----------------------------------------------------------------------------------


def fill_slot(turn: Turn, raw: str) -> None:
    """The free text the handoff waited for. `raw` is unmasked and goes to encrypted fields only."""
    slot, draft = turn.state.slot, turn.state.draft
    if slot is None or draft is None:
        turn.set(slot=None, draft=None)
        menu.show_menu(turn)
    elif draft.ticket_id:
        amending.fill(turn, draft, slot, raw)
    elif slot is Slot.COMMUNE:
        _placed(turn, place.take(turn, raw))
    elif slot is Slot.CALL_TIME:
        _take_when(turn, draft, raw)
    elif slot not in _ASKED:
        turn.set(slot=None, draft=None)
        menu.show_menu(turn)
    elif turn.phrases.command(raw) is Command.NO:
        _on_detail(turn, draft, _ASKED[slot][1])
    elif slot is Slot.NAME:
        _take_name(turn, draft, raw)
    else:
        take_phone(turn, raw)


def ask_again(turn: Turn) -> None:
    """The same question once more."""
    slot, draft = turn.state.slot, turn.state.draft
    if slot is None or draft is None:
        return
    if draft.ticket_id:
        amending.ask_again(turn, draft, slot)
    else:
        _ask(turn, draft, slot)


def _ask(turn: Turn, draft: Draft, slot: Slot, key: str = "") -> None:
    if slot is Slot.COMMUNE:
        place.ask(turn, draft)
        return
    turn.set(draft=draft, slot=slot)
    if slot is Slot.CALL_TIME:
        turn.say("hand_when", [turn.choice(f"hand:when:{wish}", wish) for wish in _WHEN])
        return
    question, skip, label = _ASKED[slot]
    turn.say(key or question, [turn.choice(f"hand:{skip}", label)])


def _take_name(turn: Turn, draft: Draft, raw: str) -> None:
    phone, name = form.bare_phone(raw), form.name_of(turn, raw)
    if phone is not None:
        # The number instead of the name: no need to ask for it then.
        turn.agreed(Consent.CALL, "hand_name")
        _ask(turn, replace(draft, phone=phone), Slot.COMMUNE)
    elif name is None:
        _ask(turn, draft, Slot.NAME, "hand_name_again")
    else:
        _ask_how(turn, replace(draft, name=name))


def _ask_how(turn: Turn, draft: Draft) -> None:
    """By phone or here? A number typed right away is taken for an answer."""
    turn.set(draft=draft, slot=Slot.PHONE)
    turn.say(
        "hand_how", [turn.choice("hand:phone", "by_phone"), turn.choice("hand:chat", "by_chat")]
    )


def take_phone(turn: Turn, raw: str) -> None:
    """The number to call back; asked again when it cannot be one, but not for ever."""
    draft = turn.state.draft or Draft()
    if draft.ticket_id:
        amending.take_phone(turn, draft, raw)
        return
    phone = plain_phone(raw)
    tries = draft.phone_tries + 1
    if phone is not None:
        turn.agreed(Consent.CALL, "hand_phone")
        # When to call is asked of those who want a call, not of whoever left a number.
        following = Slot.CALL_TIME if draft.call else Slot.COMMUNE
        _ask(turn, replace(draft, phone=phone), following)
    elif tries >= _PHONE_TRIES_MOST:
        turn.note("hand_by_chat")
        _ask(turn, replace(draft, phone="", call=False), Slot.COMMUNE)
    else:
        again = "hand_phone_again" if any(ch.isdigit() for ch in raw) else ""
        _ask(turn, replace(draft, phone_tries=tries), Slot.PHONE, again)


def _take_when(turn: Turn, draft: Draft, raw: str) -> None:
    passed = turn.phrases.command(raw) is Command.NO
    when = "" if passed else form.wished_time(turn, raw)
    _ask(turn, replace(draft, when=when), Slot.COMMUNE)


def _placed(turn: Turn, home: place.Home | None) -> None:
    """Open the request once it is settled where they live."""
    draft = turn.state.draft
    if home is not None and draft is not None:
        _open(turn, draft, home)


# Opening ----------------------------------------------------------------------------------------


def _open(turn: Turn, draft: Draft, home: place.Home) -> None:
    session = turn.state.session
    team = pick_team(turn.facts.teams, home.words)
    question = _question(session, turn)
    turn.do(
        OpenTicket(
            urgent=draft.urgent,
            topic=_topic(turn, draft.topic),
            guide_title=walk_title(turn, session) if session else "",
            step=session.step + 1 if session else None,
            failed="; ".join(session.failed) if session else "",
            name=draft.name,
            phone=draft.phone,
            commune=home.words,
            team_id=team.id if team else None,
            question_id=question,
            locality=home.code,
            for_other=bool(draft.whom),
            call_requested=bool(draft.phone),
            call_when=draft.when if draft.phone else "",
            whom=turn.role(draft.whom) if draft.whom else "",
        )
    )
    if home.words and not home.code:
        turn.do(SetLocality(home.words))
    if question:
        turn.do(SetOutcome(question, Outcome.HANDED_OVER, session.step + 1 if session else None))
    turn.set(draft=None, slot=None, misses=0)
    _tell_opened(turn, draft, team.name if team else None)


def _topic(turn: Turn, topic: str) -> str:
    if topic == LIFE:
        return turn.text("topic_life")
    return turn.content.title(topic) if topic else turn.text("topic_general")


def _tell_opened(turn: Turn, draft: Draft, team: str | None) -> None:
    ticket = turn.facts.event_id
    if team is None:
        text = turn.text("hand_opened_no_team", ticket=ticket)
    else:
        text = turn.text("hand_opened", ticket=ticket, team=team)
    if turn.facts.stays_on_page and not draft.phone:
        text += "\n" + turn.text("hand_keep_page")
    text += "\n" + turn.text("status_safety")
    choices = [c for c in menu.front(turn) if c.id != "human"]
    if not draft.urgent:
        turn.put(text, choices)
        return
    scam = draft.topic == SCAM_GUIDE
    lines, more = ladder.meanwhile_for(turn, scam=scam)
    ladder.put_urgent(turn, text, lines, [*more, *choices])


def _question(session: Session | None, turn: Turn) -> int | None:
    return (session.question_id if session else turn.state.asked_question) or None
