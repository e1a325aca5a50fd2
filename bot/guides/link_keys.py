"""Keys of phrases.yml that are said about links between channels, with the names filled in."""

from __future__ import annotations

from collections.abc import Mapping

LINK_SAY: Mapping[str, frozenset[str]] = {
    key: frozenset(names.split())
    for key, names in {
        "help": "",
        "link_how": "",
        "link_already": "channels",
        "link_code": "code minutes",
        "link_sent": "minutes",
        "link_wrong": "minutes left",
        "link_blocked": "",
        "link_busy": "",
        "link_own": "",
        "link_same": "",
        "link_taken": "channels",
        "link_full": "most",
        "link_asked": "when channel",
        "link_late": "",
        "link_no": "",
        "link_made": "channel",
        "link_refused": "",
        "link_ended": "channel",
        "unlinked": "channels",
        "unlink_none": "",
        "erase_ask_linked": "channels",
        "erase_done_all": "channels",
        "erase_done_elsewhere": "channel",
        "carried_here": "channel",
        "citizen_elsewhere": "ticket channel other",
        "channel_telegram": "",
        "channel_zalo_oa": "",
        "channel_zalo_bot": "",
        "channel_web": "",
        "channel_terminal": "",
        "channel_other": "",
    }.items()
}

LINK_BUTTON: Mapping[str, frozenset[str]] = {
    key: frozenset[str]() for key in ("link_yes", "link_no", "erase_all", "erase_here")
}
