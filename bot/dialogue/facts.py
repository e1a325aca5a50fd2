"""Everything a decision may look at besides the state and the event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.alerts import AlertView
from bot.domain.events import Sender
from bot.domain.joining import JoinView
from bot.domain.kept import Kept
from bot.domain.linking import LinkedChat, LinkView
from bot.domain.pictures import SeenPicture
from bot.domain.recalls import Recalls
from bot.domain.tickets import Colleague, MemberView, OwnWork, TeamView, TicketView
from bot.domain.voice import Heard, HeldNote
from bot.guides.content import Content
from bot.guides.model import Guide
from bot.locality.atlas import Atlas
from bot.safety.checked import Checked
from bot.safety.masking import Masked
from bot.safety.qr.banks import Banks
from bot.safety.split import Joined
from nlu.engine import Parse


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts of one moment. `now` is UTC; `event_id` is the inbox row's id.

    `held` has the guide revisions that walks began with and that are no longer the current ones,
    by (guide id, revision); `recalled` has all that was withdrawn. `tickets` are the person's open
    ones, `ended` those that ended so lately that they can be reopened. `subject` is the ticket the
    event names, `recent` the last lines said on it, `missed_calls` how often nobody answered the
    telephone. Of a helper's act (`helper_needs`): `named` has the tickets it names, `colleagues`
    whom one can be handed to, `waiting` what waits for the team, `work` what the member did.
    `places` is filled where one may be named, `join` when a link to join with was opened. `alert`
    is the alert that is due, None when it is not to be said any more; `place` is where the person
    once said they live. `open_ends` are the ends of what was written right before, where a secret
    may go on; `joined` has the text masked together with them, where that makes a difference.
    `seen` is what a picture had in it, `heard` what was said in a voice note, `note` the note that
    is kept for its speaker's answer. `numbered`: choices are typed by their numbers here, since
    there are no buttons. `linked` are the person's other chats, `link` is what is known where
    linking is what the event is about. `kept` is all that is stored about the person, when they
    ask; texts stay for `retention_days`.
    """

    now: datetime
    event_id: int
    content: Content
    sender: Sender = field(default_factory=Sender)
    group: bool = False
    masked: Masked | None = None
    parse: Parse | None = None
    checked: Checked | None = None
    held: Mapping[tuple[str, str], Guide] = field(default_factory=dict)
    recalled: Recalls = field(default_factory=dict)
    tickets: tuple[TicketView, ...] = ()
    ended: tuple[TicketView, ...] = ()
    member: MemberView | None = None
    subject: TicketView | None = None
    recent: tuple[str, ...] = ()
    missed_calls: int = 0
    named: Mapping[int, TicketView] = field(default_factory=dict)
    colleagues: tuple[Colleague, ...] = ()
    waiting: tuple[TicketView, ...] = ()
    work: OwnWork | None = None
    teams: tuple[TeamView, ...] = ()
    places: Atlas = field(default_factory=Atlas)
    join: JoinView | None = None
    desk_url: str = ""
    seen: SeenPicture | None = None
    heard: Heard | None = None
    note: HeldNote | None = None
    banks: Banks = field(default_factory=Banks)
    followup_days: int = 3
    stays_on_page: bool = False
    numbered: bool = False
    place: str = ""
    alert: AlertView | None = None
    linked: tuple[LinkedChat, ...] = ()
    link: LinkView | None = None
    open_ends: tuple[str, ...] = ()
    joined: Joined | None = None
    kept: Kept | None = None
    retention_days: int = 90
