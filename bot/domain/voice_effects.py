"""What a decision wants done with a voice note."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HoldVoice:
    """Keep the note that has just come until its speaker has said what is to become of it."""


@dataclass(frozen=True, slots=True)
class DropVoice:
    """The note that is kept is wanted no more."""


@dataclass(frozen=True, slots=True)
class AttachVoice:
    """Give the note that is kept to a ticket, for its helper to hear."""

    ticket_id: int


@dataclass(frozen=True, slots=True)
class SayText:
    """A transcript is what the person wanted to say: it comes in as a text of theirs. Masked."""

    text: str


VoiceEffect = HoldVoice | DropVoice | AttachVoice | SayText
