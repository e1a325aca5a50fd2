"""Voice notes: what was heard in one, and one that is held."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

#: Bytes of a note that is taken at all; ten minutes of speech as messengers pack it are 2.4 MB.
BYTES_MOST = 4_000_000
#: Days a helper can hear a note that was passed on, while its ticket is open.
KEPT_DAYS = 7
#: Characters of a transcript; two minutes of quick speech are some 3,000.
TRANSCRIPT_MOST = 4_000
#: Syllables a second that people speak, with room on both sides (read speech has 3 to 6). Of a note
#: that is long enough to tell, fewer or more were not heard right.
_SYLLABLES_LEAST = 0.4
_SYLLABLES_MOST = 9.0
_TELLING_SECONDS = 4.0


class VoiceFault(StrEnum):
    """Why a note has no transcript that could be shown."""

    #: Nothing here hears: the extra is not installed, or it is switched off.
    OFF = "off"
    TOO_LONG = "too_long"
    TOO_BIG = "too_big"
    NOT_FETCHED = "not_fetched"
    NOT_AUDIO = "not_audio"
    SILENT = "silent"
    UNSURE = "unsure"
    #: Too many others wait to be heard.
    BUSY = "busy"
    #: The process that hears ended, hung, or answered what is no answer.
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of a note: its words as they were heard, unmasked, or why there are none.

    `seconds` is how long it is, 0 when that is not known.
    """

    text: str = ""
    fault: VoiceFault | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class HeldNote:
    """A note kept for its speaker's answer, or for a ticket's helper. `media` is its type."""

    id: int
    media: str
    seconds: int


def judge(text: str, seconds: float) -> Heard:
    """A transcript as it may be shown, or the fault that nobody would have said it."""
    words = text.split()
    if not words:
        return Heard(fault=VoiceFault.SILENT, seconds=seconds)
    if seconds >= _TELLING_SECONDS:
        rate = len(words) / seconds
        if not _SYLLABLES_LEAST <= rate <= _SYLLABLES_MOST:
            return Heard(fault=VoiceFault.UNSURE, seconds=seconds)
    elif len(words) > _SYLLABLES_MOST * _TELLING_SECONDS:
        return Heard(fault=VoiceFault.UNSURE, seconds=seconds)
    return Heard(" ".join(words)[:TRANSCRIPT_MOST], seconds=seconds)
