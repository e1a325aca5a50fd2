"""What a decision wants done about a person's data: covered, agreed to, taken back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Consent(StrEnum):
    """What people are asked before it is done."""

    #: To pass on to a helper what is asked, the step, a name.
    HANDOFF = "handoff"
    #: The same for somebody else, who has agreed.
    HANDOFF_OTHER = "handoff_other"
    #: To be called on a number they gave.
    CALL = "call"
    #: To be sent scam alerts.
    ALERTS = "alerts"
    #: That a helper hears a voice note.
    VOICE = "voice"


@dataclass(frozen=True, slots=True)
class CoverEarlier:
    """Ends of earlier texts were parts of a secret: cover them where they were kept.

    `before` as they are kept, `covered` what is to stand there. `held` are the tickets a helper
    wrote on.
    """

    before: tuple[str, ...]
    covered: tuple[str, ...]
    held: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Agreed:
    """The person said yes; `wording` names the words they were asked with."""

    what: Consent
    wording: str


@dataclass(frozen=True, slots=True)
class TookBack:
    """The person does not agree to these any more."""

    what: tuple[Consent, ...]


DataEffect = CoverEarlier | Agreed | TookBack
