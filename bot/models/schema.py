"""Every table under one name, for migrations and the store."""

from __future__ import annotations

from bot.models.alerts import AlertStatus, alert_deliveries, alert_subscriptions, alerts
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
from bot.models.safety import safety_audit, safety_feeds, safety_hosts
from bot.models.types import metadata

__all__ = [
    "AlertStatus",
    "OutStatus",
    "alert_deliveries",
    "alert_subscriptions",
    "alerts",
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
    "safety_audit",
    "safety_feeds",
    "safety_hosts",
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
