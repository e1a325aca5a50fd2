"""Scam alerts: offered, asked for, said, ended by one tap or one phrase. Pushed on nobody.

Where somebody lives is asked only for this, kept as the area alone, and may be left out.
"""

from __future__ import annotations

from datetime import timedelta

from bot.dialogue import menu
from bot.dialogue.calendar import out_of_quiet
from bot.dialogue.turn import Turn
from bot.domain.alerts import AlertPhoto, AlertView
from bot.domain.data_effects import Consent
from bot.domain.effects import AlertLater, AlertSaid, StopAlerts, WantAlerts
from bot.domain.events import AlertDue
from bot.domain.replies import Choice, Priority, Reply
from bot.domain.state import Slot
from bot.guides.content import Content
from bot.guides.phrases import Command, Phrases
from bot.locality.areas import area_key
from nlu.engine import Decision
from nlu.text import normalize

_PLACE_MOST = 120
#: A button's label stays readable on a small phone.
_LABEL_MOST = 40
#: In a talk with a human, or with a form half filled in, an alert waits this long.
_WAIT = timedelta(hours=1)
#: The group of the menu whose guides are followed by the offer.
_SAFETY_GROUP = "safety"


def offer(turn: Turn, guide_id: str) -> list[Choice]:
    """The button that leads here, after something about swindles; for those who may want it."""
    state = turn.state
    safety = any(guide_id in g.guides for g in turn.content.menu if g.id == _SAFETY_GROUP)
    if not safety or state.alerts or state.alerts_off:
        return []
    return [turn.choice("alerts:on", "alerts")]


def ask(turn: Turn) -> None:
    """Where does the person live? Whoever gets alerts already is asked what is to change."""
    if turn.state.alerts:
        stop = turn.choice("alerts:off", "alerts_stop")
        other = turn.choice("alerts:other", "alerts_other")
        turn.say("alerts_already", [other, stop, *menu.front(turn)], no=stop.id)
    else:
        _ask_place(turn)


def stop(turn: Turn) -> None:
    """No more, at once and without a question."""
    turn.set(alerts=False, alerts_off=True)
    turn.do(StopAlerts())
    turn.say("alerts_off", menu.front(turn))


def on_button(turn: Turn, answer: str) -> None:
    """A button of this dialogue."""
    place = _known_place(turn)
    if answer == "off":
        stop(turn)
    elif answer == "on":
        ask(turn)
    elif answer == "other":
        _ask_place(turn)
    elif turn.state.slot is not Slot.ALERT_PLACE:
        # An old button: nothing is begun by it without the question.
        ask(turn)
    elif answer == "no":
        decline(turn)
    elif answer == "everywhere":
        _begin(turn, "", "")
    elif answer == "here" and place:
        _begin(turn, _key(turn, place), place)
    else:
        _ask_place(turn)


def fill_slot(turn: Turn, raw: str) -> None:
    """The place that was typed."""
    place = " ".join(turn.masked.split())[:_PLACE_MOST]
    area = _key(turn, place)
    if turn.phrases.command(raw) is Command.NO:
        decline(turn)
    elif area:
        _begin(turn, area, place)
    else:
        _ask_place(turn, "alert_place_again")


def something_else(turn: Turn) -> bool:
    """Whether a place was asked for and a question came, which is surely no place."""
    parse = turn.facts.parse
    if turn.state.slot is not Slot.ALERT_PLACE or parse is None or _key(turn, turn.masked):
        return False
    return parse.decision is Decision.ANSWER and parse.intent in turn.content.titles


def ask_again(turn: Turn) -> None:
    """The same question once more."""
    _ask_place(turn)


def decline(turn: Turn) -> None:
    """Not wanted: it is not offered again."""
    turn.set(slot=None, alerts_off=True)
    turn.say("alerts_declined", menu.front(turn))


def due(turn: Turn, event: AlertDue) -> None:
    """An alert has come for this person: say it, or wait for a better time."""
    alert, now, state = turn.facts.alert, turn.facts.now, turn.state
    busy = state.relay is not None or state.slot is not None
    later = out_of_quiet(now + _WAIT if busy else now)
    if alert is None:
        turn.do(AlertSaid(event.alert_id))
    elif later > now:
        turn.do(AlertLater(event.alert_id, later))
    else:
        turn.do(AlertSaid(event.alert_id))
        reply = bubble(turn.phrases, turn.content, alert)
        turn.put(
            reply.text,
            [*reply.choices, *turn.way_back()],
            priority=reply.priority,
            alert_id=reply.alert_id,
            photo=reply.photo,
        )


def bubble(phrases: Phrases, content: Content, alert: AlertView) -> Reply:
    """The alert as it is shown, with how to get no more of them."""
    if alert.place:
        head = phrases.say("alert_head_place", place=alert.place)
    else:
        head = phrases.say("alert_head")
    choices = [Choice("alerts:off", phrases.button("alerts_stop"))]
    if alert.theme in content.guides:
        choices.insert(0, Choice(f"guide:{alert.theme}", phrases.button("alert_guide")))
    photo = None
    if alert.width:
        photo = AlertPhoto(alert.id, alert.width, alert.height, phrases.say("alert_picture"))
    text = f"{head}\n{alert.text}\n\n{phrases.say('alert_foot')}"
    return Reply(text, tuple(choices), Priority.ALERT, alert_id=alert.id, photo=photo)


def provinces_of(content: Content) -> list[str]:
    """The provinces' names that are known without a comma or the word "tỉnh", without marks."""
    named = (item for item in content.people.provinces.values() if item.words)
    return [normalize(item.label).stripped for item in named]


def _ask_place(turn: Turn, key: str = "alert_place") -> None:
    place = _known_place(turn)
    choices = [
        turn.choice("alerts:everywhere", "alerts_everywhere"),
        turn.choice("alerts:no", "alerts_no"),
    ]
    if place:
        choices.insert(0, turn.choice("alerts:here", "alerts_here", place=place[:_LABEL_MOST]))
    # Whatever else was being filled in is left for this.
    turn.set(slot=Slot.ALERT_PLACE, draft=None, seller=None)
    turn.say(key, choices)


def _begin(turn: Turn, area: str, place: str) -> None:
    turn.set(slot=None, alerts=True, alerts_off=False)
    turn.do(WantAlerts(area, place))
    turn.agreed(Consent.ALERTS, "alert_place")
    if area:
        turn.say("alerts_on", menu.front(turn), place=place)
    else:
        turn.say("alerts_on_everywhere", menu.front(turn))


def _known_place(turn: Turn) -> str:
    """Where they said before that they live, if that says which province."""
    state, facts = turn.state, turn.facts
    if facts.place and _key(turn, facts.place):
        return facts.place
    province = turn.content.people.provinces.get(state.province)
    return province.label if province and _key(turn, province.label) else ""


def _key(turn: Turn, place: str) -> str:
    return area_key(place, provinces_of(turn.content))
