"""Every table under one name, for migrations and the store."""

from __future__ import annotations

from bot.models.alerts import AlertStatus, alert_deliveries, alert_subscriptions, alerts
from bot.models.guides import guide_recalls, guide_revisions, guide_views
from bot.models.jobs import job_runs, roster_files
from bot.models.linking import link_codes, link_tries, linked_chats, people
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
from bot.models.privacy import consents, erasures
from bot.models.releases import (
    DraftState,
    content_draft_texts,
    content_drafts,
    content_texts,
    guide_reviews,
    releases,
)
from bot.models.rollups import question_counts, question_marks, rollup_lease
from bot.models.rosters import hamlets, join_links, roster_imports, roster_rows, team_coverage
from bot.models.safety import safety_audit, safety_feeds, safety_hosts
from bot.models.staff import audit_log, staff_invites
from bot.models.training import (
    ClusterState,
    IdeaState,
    RunKind,
    RunState,
    cluster_members,
    cluster_replies,
    cluster_reply_chats,
    clusters,
    guide_ideas,
    labels,
    new_intents,
    nlu_models,
    nlu_publications,
    training_runs,
)
from bot.models.types import metadata
from bot.models.voice import voice_notes
from bot.models.zalo import zalo_tokens, zalo_windows

__all__ = [
    "AlertStatus",
    "ClusterState",
    "DraftState",
    "IdeaState",
    "OutStatus",
    "RunKind",
    "RunState",
    "alert_deliveries",
    "alert_subscriptions",
    "alerts",
    "audit_log",
    "chats",
    "cluster_members",
    "cluster_replies",
    "cluster_reply_chats",
    "clusters",
    "consents",
    "content_draft_texts",
    "content_drafts",
    "content_texts",
    "cursors",
    "erasures",
    "guide_ideas",
    "guide_recalls",
    "guide_reviews",
    "guide_revisions",
    "guide_views",
    "hamlets",
    "inbox",
    "job_runs",
    "join_links",
    "labels",
    "link_codes",
    "link_tries",
    "linked_chats",
    "login_failures",
    "members",
    "metadata",
    "new_intents",
    "nlu_models",
    "nlu_publications",
    "outbox",
    "people",
    "question_counts",
    "question_marks",
    "questions",
    "releases",
    "rollup_lease",
    "roster_files",
    "roster_imports",
    "roster_rows",
    "safety_audit",
    "safety_feeds",
    "safety_hosts",
    "staff",
    "staff_invites",
    "staff_sessions",
    "team_coverage",
    "teams",
    "ticket_events",
    "ticket_messages",
    "tickets",
    "timers",
    "training_runs",
    "visits",
    "voice_notes",
    "zalo_tokens",
    "zalo_windows",
]
