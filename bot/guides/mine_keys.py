"""The sentences that tell people what is stored about them."""

from __future__ import annotations

from collections.abc import Mapping

_SAY = {
    "mine_head": "day",
    "mine_questions": "count",
    "mine_guides": "count names",
    "mine_tickets": "count open",
    "mine_contact": "name phone",
    "mine_talk": "count",
    "mine_place": "place",
    "mine_household": "roles",
    "mine_alerts": "place",
    "mine_everywhere": "",
    "mine_links": "count",
    "mine_voice": "count",
    "mine_consents": "count day",
    "mine_none": "",
    "mine_kept": "days",
    "mine_file": "",
}
MINE_SAY: Mapping[str, frozenset[str]] = {k: frozenset(v.split()) for k, v in _SAY.items()}
MINE_BUTTON: Mapping[str, frozenset[str]] = {"mine_erase": frozenset()}
