"""Everything a decision may look at besides the state and the event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.events import Sender
from bot.domain.recalls import Recalls
from bot.domain.tickets import MemberView, TeamView, TicketView
from bot.guides.content import Content
from bot.guides.model import Guide
from bot.safety.masking import Masked
from nlu.engine import Parse


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts of one moment. `now` is UTC; `event_id` is the inbox row's id.

    `held` has the guide revisions that walks began with and that are no longer the current ones,
    by (guide id, revision); `recalled` has all that was withdrawn. `subject` is the ticket the
    event names, `recent` the last lines said on it.
    """

    now: datetime
    event_id: int
    content: Content
    sender: Sender = field(default_factory=Sender)
    group: bool = False
    masked: Masked | None = None
    parse: Parse | None = None
    held: Mapping[tuple[str, str], Guide] = field(default_factory=dict)
    recalled: Recalls = field(default_factory=dict)
    tickets: tuple[TicketView, ...] = ()
    member: MemberView | None = None
    subject: TicketView | None = None
    recent: tuple[str, ...] = ()
    teams: tuple[TeamView, ...] = ()
    desk_url: str = ""
    followup_days: int = 3
    stays_on_page: bool = False
