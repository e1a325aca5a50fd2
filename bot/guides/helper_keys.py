"""Keys of phrases.yml that helpers read in their chats, with the names the program fills in."""

from __future__ import annotations

from collections.abc import Mapping

HELPER_SAY: Mapping[str, frozenset[str]] = {
    key: frozenset(names.split())
    for key, names in {
        "join_open": "name team",
        "join_mine": "name team",
        "join_used": "",
        "join_other": "name team",
        "join_taken": "name team",
        "join_expired": "",
        "join_unknown": "",
        "join_elsewhere": "url",
        "away_set": "until",
        "away_set_later": "since until",
        "away_free": "",
        "away_unclear": "",
        "away_over": "",
        "away_whom": "text",
        "too_fast_helper": "",
        "card_phone": "",
        "card_chat": "",
        "card_call": "",
        "card_rung": "rung",
        "card_due": "rung when",
        "rung_hamlet": "",
        "rung_commune": "",
        "rung_province": "",
        "group_not_holder": "ticket helper",
        "group_not_taken": "ticket",
        "group_private": "ticket",
        "helper_visit_at": "when",
        "helper_unreached": "",
        "helper_call_when": "when",
        "helper_for": "whom",
        "helper_outcome_ask": "ticket",
        "helper_minutes_ask": "ticket",
        "helper_closed_many": "tickets",
        "helper_not_closed": "tickets",
        "helper_asked_secret": "",
        "lead_secret_asked": "ticket helper",
        "helper_call": "ticket phone",
        "helper_call_none": "ticket",
        "helper_spoke": "ticket",
        "helper_no_answer": "ticket times",
        "helper_visit_ask": "ticket",
        "helper_visit_sure": "ticket when",
        "helper_visit_which": "ticket",
        "helper_visit_none": "ticket",
        "helper_visited": "ticket",
        "visit_time_unclear": "ticket",
        "visit_time_past": "ticket",
        "visit_time_too_far": "ticket",
        "visit_time_no_such_day": "ticket",
        "visit_time_no_such_hour": "ticket",
        "visit_time_lunar": "ticket",
        "helper_asked_no_more": "ticket",
        "helper_pass_ask": "ticket",
        "helper_passed": "ticket helper",
        "helper_pass_away": "helper",
        "helper_pass_which": "name",
        "helper_pass_nobody": "name",
        "helper_climb_why": "ticket",
        "helper_climbed": "ticket",
        "helper_no_rung": "ticket",
        "helper_given_back": "ticket",
        "helper_step_sent": "ticket step title",
        "helper_step_no_guide": "ticket",
        "helper_step_range": "title total",
        "helper_step_which": "",
        "helper_step_unknown": "title",
        "step_line": "step title name",
        "helper_canned_list": "ticket",
        "helper_canned_sent": "ticket text",
        "helper_resent": "ticket",
        "helper_sent_to": "ticket name",
        "helper_number_needed": "",
        "helper_not_mine": "ticket",
        "helper_waiting": "",
        "helper_waiting_line": "mark ticket topic when",
        "helper_waiting_more": "more",
        "helper_help": "",
        "helper_help_numbers": "",
        "helper_summary": "open taken closed visits hours minutes",
        "helper_summary_reply": "minutes",
        "helper_summary_rating": "rating",
        "line_late_page": "ticket text",
        "line_late_blocked": "ticket text",
        "line_late_refused": "ticket text",
        "line_late_window": "ticket text",
        "line_late_slow": "ticket text",
        "line_arrived": "ticket text",
    }.items()
}

_PLAIN = """
    outcome_solved outcome_solved_at_home outcome_not_reachable outcome_wrong_number
    outcome_referred_police outcome_referred_bank outcome_referred_commune minutes_unsaid
    spoke no_answer visit_yes visit_off climb_commune climb_province why_papers why_hard
    why_not_ours why_unsaid resend
"""
_WITH_TICKET = "call visit pass give_back acts open_ticket"

HELPER_BUTTON: Mapping[str, frozenset[str]] = {
    **{key: frozenset[str]() for key in _PLAIN.split()},
    **{key: frozenset({"ticket"}) for key in _WITH_TICKET.split()},
    "minutes": frozenset({"minutes"}),
    "visit_at": frozenset({"when"}),
}
