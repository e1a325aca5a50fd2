"""Signed addresses given to helpers."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.tickets import MemberView
from bot.services.runtime import Runtime
from bot.services.signing import Signer

DESK_LINK = "desk link"


def desk_url(runtime: Runtime, member: MemberView, now: datetime) -> str:
    """The address of a member's own page; works for the configured number of days."""
    signer = Signer(runtime.vault.derive_signing(DESK_LINK))
    valid = timedelta(days=runtime.settings.desk_link_days)
    return f"{runtime.settings.base_url}/desk/{signer.sign({'m': member.id}, now, valid)}"
