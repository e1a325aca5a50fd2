"""What kind of recording bytes are, by how they begin; nothing is decoded.

The decoder is told the format. Left to guess it would also take play lists, which name other files
and addresses.
"""

from __future__ import annotations

from dataclasses import dataclass

_MPEG4 = b"ftyp"


@dataclass(frozen=True, slots=True)
class Format:
    """`name` is FFmpeg's, `media` the type a browser knows, `suffix` that of a file."""

    name: str
    media: str
    suffix: str


OGG = Format("ogg", "audio/ogg", "ogg")
WEBM = Format("matroska", "audio/webm", "webm")
MP4 = Format("mp4", "audio/mp4", "m4a")
AMR = Format("amr", "audio/amr", "amr")
AAC = Format("aac", "audio/aac", "aac")
WAV = Format("wav", "audio/wav", "wav")

FORMATS = {each.name: each for each in (OGG, WEBM, MP4, AMR, AAC, WAV)}


def format_of(audio: bytes) -> Format | None:
    """The format; None for anything that no messenger sends."""
    if audio.startswith(b"OggS"):
        return OGG
    if audio.startswith(b"\x1a\x45\xdf\xa3"):
        return WEBM
    if audio[4:8] == _MPEG4:
        return MP4
    if audio.startswith((b"#!AMR\n", b"#!AMR-WB\n")):
        return AMR
    if audio.startswith(b"RIFF") and audio[8:12] == b"WAVE":
        return WAV
    # ADTS: twelve bits set, then layer 0 (ISO/IEC 13818-7).
    if len(audio) > 7 and audio[0] == 0xFF and audio[1] & 0xF6 == 0xF0:
        return AAC
    return None


def by_media(media: str) -> Format | None:
    """The format with this type."""
    return next((each for each in FORMATS.values() if each.media == media), None)
