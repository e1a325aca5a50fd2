"""Drafted words of alerts, by the guide they are about: content/alert_texts.yml as a value.

The guides it names are those whose questions are watched for a rising theme.

Errors: ContentError, naming file, line and field.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from bot.guides.nodes import Faults
from bot.guides.record import open_record

#: As long as an alert may be (bot.services.alerts).
TEXT_MOST = 600


def load_alert_texts(file: Path, known_ids: Collection[str]) -> Mapping[str, str]:
    """The drafts by guide id; none where a content folder has no such file. Raises ContentError."""
    if not file.is_file():
        return {}
    faults = Faults(str(file))
    top = open_record(file, faults)
    found: dict[str, str] = {}
    if top:
        texts = top.record("texts")
        for name in texts.names() if texts else ():
            if texts and name not in known_ids:
                texts.fault(name, f"{name!r} is no guide; must be the id of one")
            elif texts:
                found[name] = texts.text(name, TEXT_MOST, lines=True).strip()
        top.close()
    faults.raise_any()
    return found
