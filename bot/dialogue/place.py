"""Where a person lives: asked for, found, confirmed with one tap; or brought by a poster's link."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace

from bot.dialogue import menu, walk
from bot.dialogue.turn import Turn
from bot.domain.effects import SetLocality
from bot.domain.replies import Choice
from bot.domain.state import Draft, Slot
from bot.guides.phrases import Command
from bot.guides.words import capital
from bot.locality.codes import code_of_payload, commune_of
from bot.locality.find import Candidate, Why
from bot.locality.gazetteer import spoken
from nlu.text import normalize

_TYPED_MOST = 120
_OFFERED_MOST = 5
#: All communes of an old district: more than are offered as buttons, still readable as a line.
_LISTED_MOST = 40
_TRIES_MOST = 2
#: Beginnings of choices' ids after "hand:": a place, and none of those offered.
AT, ELSEWHERE = "at:", "elsewhere"


@dataclass(frozen=True, slots=True)
class Home:
    """Where a person lives: a code, "" when it is not known, and words for a helper to read."""

    code: str = ""
    words: str = ""


def ask(turn: Turn, draft: Draft) -> None:
    """Ask where the person lives; where it is known from before, whether that still holds."""
    turn.set(draft=draft, slot=Slot.COMMUNE)
    code = turn.facts.places.known(turn.state.homes.get(_person(turn), ""))
    if not code:
        _first(turn, draft)
    elif draft.whom:
        _confirm(turn, code, "place_still_other", who=capital(turn.role(draft.whom)))
    else:
        _confirm(turn, code, "place_still")


def ask_anew(turn: Turn, draft: Draft) -> None:
    """Ask where the person lives, whatever was known."""
    turn.set(draft=draft, slot=Slot.COMMUNE)
    _first(turn, draft)


def _first(turn: Turn, draft: Draft) -> None:
    if draft.whom:
        _question(turn, "hand_commune_other", who=turn.role(draft.whom))
    else:
        _question(turn, "hand_commune")


def _person(turn: Turn) -> str:
    """Whose home it is: of the person it is asked for, else of whoever a guide is done for."""
    draft = turn.state.draft
    return (draft.whom if draft is not None else "") or turn.state.person


def take(turn: Turn, raw: str) -> Home | None:
    """What was typed: the place when it is settled, None when something was asked about it."""
    draft = turn.state.draft or Draft()
    code = turn.facts.places.known(code_of_payload(raw) or "")
    if code:
        return _home(turn, draft, code)
    command = turn.phrases.command(raw)
    offered = turn.state.yes.removeprefix("hand:")
    if command is Command.YES and offered.startswith(AT):
        return pick(turn, offered)
    if command is Command.NO and _choosing(turn) and not _passes(turn, raw):
        return pick(turn, ELSEWHERE)
    if command is Command.NO:
        return Home()
    text = one_line(turn, raw)[:_TYPED_MOST].strip()
    if not any(ch.isalnum() for ch in text):
        ask(turn, draft)
        return None
    return _look(turn, draft, text)


def answers(choice: str) -> bool:
    """Whether a button, its id after "hand:", is one of this question's."""
    return choice == ELSEWHERE or choice.startswith(AT)


def pick(turn: Turn, answer: str) -> Home | None:
    """A button under the question: `answer` is its id after "hand:"."""
    draft = turn.state.draft or Draft()
    code = turn.facts.places.known(answer.removeprefix(AT)) if answer.startswith(AT) else ""
    if code:
        return _home(turn, draft, code)
    turn.set(draft=replace(draft, place="", place_wide=False), slot=Slot.COMMUNE)
    _question(turn, "place_again")
    return None


def one_line(turn: Turn, raw: str) -> str:
    """A text as a helper may see it: no secrets, no invisible characters, no line ends."""
    shown = "".join(ch if unicodedata.category(ch)[0] != "C" else " " for ch in raw)
    return turn.cover(" ".join(shown.split())).text


def _passes(turn: Turn, raw: str) -> bool:
    """Whether this is "bỏ qua", and not the "không" that answers "is it there?"."""
    return normalize(raw).stripped == normalize(turn.phrases.button("skip")).stripped


def _choosing(turn: Turn) -> bool:
    return f"hand:{ELSEWHERE}" in turn.state.offered


# Finding ----------------------------------------------------------------------------------------


def _look(turn: Turn, draft: Draft, text: str) -> Home | None:
    atlas = turn.facts.places
    if not atlas:
        return Home(words=text)
    found = _found(turn, draft, text)
    if not found:
        return _nowhere(turn, draft, text)
    if found[0].why is Why.PROVINCE and len(found) == 1:
        return _province(turn, draft, text, found[0])
    wide = found[0].why is Why.DISTRICT
    turn.set(draft=replace(draft, place=text, place_wide=wide), slot=Slot.COMMUNE)
    if wide and len(found) > _OFFERED_MOST:
        names = ", ".join(spoken(atlas.label(c.code).rpartition(", ")[0]) for c in found)
        _question(turn, "place_list", district=spoken(found[0].was), communes=names)
    elif len(found) == 1:
        _confirm(turn, found[0].code, "place_is")
    else:
        _offer(turn, found[:_OFFERED_MOST])
    return None


def _found(turn: Turn, draft: Draft, text: str) -> tuple[Candidate, ...]:
    """Candidates; what only named a district or province before goes on to count."""
    atlas = turn.facts.places
    near = atlas.known(turn.state.homes.get("", "")) or atlas.province(turn.state.province)
    found: tuple[Candidate, ...] = ()
    if draft.place_wide:
        found = atlas.find(f"{text}, {draft.place}", near)
        if found and found[0].why in (Why.DISTRICT, Why.PROVINCE):
            found = ()
    found = found or atlas.find(text, near)
    if found and found[0].why is Why.DISTRICT:
        found = atlas.find(text, near, _LISTED_MOST)
    return found


def _nowhere(turn: Turn, draft: Draft, text: str) -> Home | None:
    tries = draft.place_tries + 1
    if tries >= _TRIES_MOST:
        # A helper may know it: nobody is asked for ever.
        return Home(words=text)
    turn.set(draft=replace(draft, place_tries=tries), slot=Slot.COMMUNE)
    _question(turn, "place_unknown")
    return None


def _province(turn: Turn, draft: Draft, text: str, found: Candidate) -> Home | None:
    """Only a province was named; where its communes are not known that is all there is."""
    if not turn.facts.places.complete(found.code) or draft.place_wide:
        return _home(turn, replace(draft, place=text), found.code)
    turn.set(draft=replace(draft, place=text, place_wide=True), slot=Slot.COMMUNE)
    name = turn.facts.places.name(found.code)
    only = Choice(f"hand:{AT}{found.code}", turn.phrases.button("place_only", place=name))
    turn.say("place_province", [only, _skip(turn)], place=name)
    return None


def _home(turn: Turn, draft: Draft, code: str) -> Home:
    """This place it is: remembered, and in words with what was typed."""
    settle(turn, code, _person(turn))
    name = turn.facts.places.name(code)
    typed = draft.place
    if not typed or typed.casefold() == name.casefold():
        return Home(code, name)
    return Home(code, f"{typed[: _TYPED_MOST - len(name) - 3]} ({name})")


def settle(turn: Turn, code: str, person: str) -> None:
    """Remember where somebody of the household lives; a province alone is not worth it."""
    if commune_of(code):
        turn.set(homes={**turn.state.homes, person: code})
    turn.do(SetLocality(turn.facts.places.name(code), code))


# Asking -----------------------------------------------------------------------------------------


def _skip(turn: Turn) -> Choice:
    return turn.choice("hand:nocommune", "skip")


def _question(turn: Turn, key: str, **values: object) -> None:
    turn.put(turn.text(key, **values), [_skip(turn)])


def _confirm(turn: Turn, code: str, key: str, **values: object) -> None:
    yes = turn.choice(f"hand:{AT}{code}", "place_yes")
    no = turn.choice(f"hand:{ELSEWHERE}", "place_no")
    name = turn.facts.places.name(code)
    text = turn.text(key, place=name, **values)
    turn.put(text, [yes, no, _skip(turn)], yes=yes.id, no=no.id)


def _offer(turn: Turn, found: tuple[Candidate, ...]) -> None:
    atlas = turn.facts.places
    choices = [Choice(f"hand:{AT}{c.code}", atlas.label(c.code)) for c in found]
    none = turn.choice(f"hand:{ELSEWHERE}", "place_none")
    was = {c.was for c in found}
    if len(was) == 1 and found[0].why is Why.OLD:
        turn.say("place_divided", [*choices, none, _skip(turn)], was=found[0].was)
    else:
        turn.say("place_which", [*choices, none, _skip(turn)])


# A poster's link --------------------------------------------------------------------------------


def arrive(turn: Turn, code: str) -> None:
    """Somebody came by the link of a place, or typed its code: remember it and say so."""
    known = turn.facts.places.known(code)
    if known:
        settle(turn, known, "")
        turn.note("place_set", place=turn.facts.places.name(known))
    else:
        turn.note("place_link_unknown")
    if turn.state.greeted:
        walk.step_or_menu(turn)
    else:
        menu.greet(turn)
