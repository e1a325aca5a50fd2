"""Tables that the export of a person's data leaves out, and why."""

from __future__ import annotations

_TEAM = "of members of teams, who have their own page; nothing of a citizen"
_STAFF = "of staff; nothing of a citizen"
_CONTENT = "what is published, written by staff; nothing of a citizen"
_COUNTS = "numbers without persons"
_MACHINE = "how the program does; nothing of a person"
_SHORT = "text on its way, wiped once handled or delivered; what came of it is in other tables"

NOT_IN_THE_EXPORT: dict[str, str] = {
    "inbox": _SHORT,
    "outbox": _SHORT,
    "people": "joins linked chats; the links themselves are in the export",
    "link_codes": "hashes of codes that live for minutes",
    "link_tries": "keyed hashes of wrong codes, an hour long",
    "erasures": "keyed hashes of who had everything erased; nobody is to be read from them",
    "labels": "masked questions that staff labelled; the questions themselves are in the export",
    "cluster_members": "which questions are alike; the questions themselves are in the export",
    "cluster_reply_chats": "to whom one answer of staff went; the answer itself was sent to them",
    "clusters": "masked examples of what many asked, tied to nobody",
    "cluster_replies": _CONTENT,
    "alerts": _CONTENT,
    "guide_revisions": _CONTENT,
    "guide_recalls": _CONTENT,
    "guide_ideas": _CONTENT,
    "guide_reviews": _CONTENT,
    "releases": _CONTENT,
    "content_texts": _CONTENT,
    "content_drafts": _CONTENT,
    "content_draft_texts": _CONTENT,
    "new_intents": _CONTENT,
    "teams": _TEAM,
    "members": _TEAM,
    "team_coverage": _TEAM,
    "hamlets": _TEAM,
    "join_links": _TEAM,
    "roster_imports": _TEAM,
    "roster_rows": _TEAM,
    "roster_files": _TEAM,
    "staff": _STAFF,
    "staff_sessions": _STAFF,
    "staff_invites": _STAFF,
    "login_failures": _STAFF,
    "audit_log": _STAFF,
    "safety_audit": _STAFF,
    "safety_feeds": _CONTENT,
    "safety_hosts": _CONTENT,
    "question_counts": _COUNTS,
    "question_marks": _COUNTS,
    "rollup_lease": _MACHINE,
    "cursors": _MACHINE,
    "job_runs": _MACHINE,
    "training_runs": _MACHINE,
    "nlu_models": _MACHINE,
    "nlu_publications": _MACHINE,
    "zalo_tokens": "the keys to the Official Account; nothing of a person",
}
