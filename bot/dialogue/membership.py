"""What a team's member says of themselves in the private chat: joining by a link, being away."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from bot.dialogue.calendar import VIETNAM, spoken_day
from bot.dialogue.turn import Turn
from bot.domain.effects import JoinTeam, SetAway
from bot.domain.events import Press, Start, Text
from bot.domain.joining import JoinState, JoinView, typed_token
from bot.domain.replies import Priority
from bot.schedule.availability import Availability, read_availability
from nlu.text import normalize

#: Longer than this it is a talk, not a notice.
_WORDS_MOST = 14
_FILLERS = re.compile(
    r"(?:(?:viec|roi|nhe|nha|nghe|a|qua|lam|lai|hom nay|ca ngay|ngay nay|day|do|luon|mat)\s*)*"
)
_AWAY = re.compile(r"away:(\d{1,11}):(\d{1,11})")


def took(turn: Turn) -> bool:
    """Act on a link to join with or a notice of being away; False when it is neither."""
    if turn.facts.group:
        return False
    if turn.facts.join is not None:
        _join(turn, turn.facts.join)
        return True
    return turn.facts.member is not None and _availability(turn)


# Joining ----------------------------------------------------------------------------------------


def _join(turn: Turn, link: JoinView) -> None:
    turn.set(slot=None, draft=None, greeted=True)
    if link.state is JoinState.OPEN:
        event = turn.event
        payload = event.payload if isinstance(event, Start) else ""
        token = typed_token(event.text if isinstance(event, Text) else payload)
        turn.do(JoinTeam(token or ""))
    values: dict[str, object] = {}
    if link.state in (JoinState.OPEN, JoinState.MINE, JoinState.OTHER, JoinState.TAKEN):
        values = {"name": link.name, "team": link.team}
    elif link.state is JoinState.ELSEWHERE:
        values = {"url": link.url}
    turn.put(turn.text(f"join_{link.state.value}", **values), priority=Priority.RELAY)


# Being away -------------------------------------------------------------------------------------


def _availability(turn: Turn) -> bool:
    event, member = turn.event, turn.facts.member
    if isinstance(event, Press):
        return _pressed(turn, event.choice)
    if not isinstance(event, Text) or member is None or not _is_notice(turn, event.text):
        return False
    found = read_availability(event.text.lstrip("/"), turn.facts.now)
    if found is None or not _says_only_that(turn, event.text, found):
        return False
    if member.claimed and not found.problem and not event.text.startswith("/"):
        _ask_whom(turn, event.text, found)
    else:
        _note(turn, found)
    return True


def _is_notice(turn: Turn, text: str) -> bool:
    """Whether this whole message is a notice to the team, by how it begins."""
    state, plain = turn.state, normalize(text).stripped
    if len(plain.split()) > _WORDS_MOST:
        return False
    if text.startswith("/"):
        command = text.split(" ", 1)[0].split("@", 1)[0].lower()
        return command in turn.phrases.away_commands
    if state.slot is not None or state.relay is not None:
        return False
    return any(plain == lead or plain.startswith(f"{lead} ") for lead in turn.phrases.away)


def _says_only_that(turn: Turn, text: str, found: Availability) -> bool:
    """Whether nothing follows but a time: "tôi bận nên chưa làm căn cước" is a question."""
    if text.startswith("/"):
        return True
    plain = normalize(text).stripped
    lead = max((w for w in turn.phrases.away if f"{plain} ".startswith(f"{w} ")), key=len)
    rest = plain.removeprefix(lead).strip()
    if "?" in text:
        return False
    bare = read_availability(lead, turn.facts.now)
    return found != bare or _FILLERS.fullmatch(rest) is not None


def _ask_whom(turn: Turn, text: str, found: Availability) -> None:
    """To the team, or to the citizen of a ticket? What is typed goes to the citizen else."""
    member = turn.facts.member
    claimed = member.claimed if member is not None else ()
    turn.set(pending_text=turn.cover(text).text)
    choices = [turn.choice(_choice(found), "away_note")]
    choices += [turn.choice(f"to:{ticket.id}", "to_ticket", ticket=ticket.id) for ticket in claimed]
    turn.say("away_whom", choices, priority=Priority.RELAY, text=text.strip())


def _choice(found: Availability) -> str:
    if found.free or found.until is None:
        return "away:0:0"
    since = int(found.since.timestamp()) if found.since else 0
    return f"away:{since}:{int(found.until.timestamp())}"


def _pressed(turn: Turn, choice: str) -> bool:
    match = _AWAY.fullmatch(choice)
    if match is None:
        return False
    since, until = (int(number) for number in match.groups())
    turn.set(pending_text="")
    now = turn.facts.now
    if not until:
        _note(turn, Availability(free=True))
    elif until <= now.timestamp():
        turn.say("away_over", priority=Priority.RELAY)
    else:
        end = datetime.fromtimestamp(until, UTC)
        start = datetime.fromtimestamp(since, UTC) if since > now.timestamp() else None
        _note(turn, Availability(until=end, since=start))
    return True


def _note(turn: Turn, found: Availability) -> None:
    if found.problem is not None:
        turn.say("away_unclear", priority=Priority.RELAY)
    elif found.free or found.until is None:
        turn.do(SetAway(None))
        turn.say("away_free", priority=Priority.RELAY)
    else:
        turn.do(SetAway(found.until, found.since))
        until = _spoken_end(found.until)
        if found.since is None:
            turn.say("away_set", priority=Priority.RELAY, until=until)
        else:
            since = _spoken(found.since)
            turn.say("away_set_later", priority=Priority.RELAY, since=since, until=until)


def _spoken_end(moment: datetime) -> str:
    """An end as it is said: a day that is over at midnight is called by its own name."""
    if moment.astimezone(VIETNAM).time().replace(second=0, microsecond=0).isoformat() != "00:00:00":
        return _spoken(moment)
    return f"hết {spoken_day(moment - timedelta(minutes=1))}"


def _spoken(moment: datetime) -> str:
    local = moment.astimezone(VIETNAM)
    return f"{local:%H:%M} {spoken_day(moment)}"
