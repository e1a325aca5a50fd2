"""Every table under one name, for migrations and the store."""

from __future__ import annotations

from bot.models.guides import guide_recalls, guide_revisions, guide_views
from bot.models.messaging import OutStatus, chats, cursors, inbox, outbox, timers
from bot.models.people import (
    login_failures,
    members,
    questions,
    staff,
    staff_sessions,
    teams,
    ticket_events,
    ticket_messages,
    tickets,
    visits,
)
from bot.models.rosters import hamlets, join_links, roster_imports, roster_rows, team_coverage
from bot.models.types import metadata

__all__ = [
    "OutStatus",
    "chats",
    "cursors",
    "guide_recalls",
    "guide_revisions",
    "guide_views",
    "hamlets",
    "inbox",
    "join_links",
    "login_failures",
    "members",
    "metadata",
    "outbox",
    "questions",
    "roster_imports",
    "roster_rows",
    "staff",
    "staff_sessions",
    "team_coverage",
    "teams",
    "ticket_events",
    "ticket_messages",
    "tickets",
    "timers",
    "visits",
]
