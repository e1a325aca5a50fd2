"""Keys of phrases.yml for voice notes, with the names the program fills in."""

from __future__ import annotations

from collections.abc import Mapping

VOICE_SAY: Mapping[str, frozenset[str]] = {
    key: frozenset(names.split())
    for key, names in {
        "voice_heard": "text",
        "voice_danger": "",
        "voice_off": "",
        "voice_too_long": "",
        "voice_too_big": "",
        "voice_not_fetched": "",
        "voice_not_audio": "",
        "voice_silent": "",
        "voice_unsure": "",
        "voice_busy": "",
        "voice_failed": "",
        "voice_choose": "",
        "voice_only_type": "",
        "voice_again": "",
        "voice_typed": "",
        "voice_pass_ask": "days",
        "voice_along": "days",
        "voice_passed": "ticket",
        "voice_gone": "",
        "voice_line": "",
    }.items()
}
VOICE_BUTTON: Mapping[str, frozenset[str]] = {
    key: frozenset() for key in ("voice_yes", "voice_again", "voice_type", "voice_pass")
}
