"""Codes of places, and the payload that carries one in a link.

A code is "" (everywhere), "96" (province), "96.32083" (commune or ward) or "96.32083.rach-goc"
(hamlet): a code contains those of the places it lies in. A link carries `loc_96_32083_rach-goc`,
since Telegram's start payload takes A-Z a-z 0-9 _ - only, 64 characters at most.
"""

from __future__ import annotations

import hashlib
import re

from bot.locality.words import HAMLET_WORDS, keys_of, plain_tokens

#: Characters of a hamlet's slug at most: with it a link's payload and a button's id stay under 64.
SLUG_MOST = 40
PAYLOAD_MOST = 64
_HASH = 6
_CODE = re.compile(r"\d{2}(?:\.\d{5}(?:\.[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?)?)?", re.ASCII)
_PAYLOAD = re.compile(r"#?loc[_ ]([0-9a-z_ -]{2,70})", re.ASCII | re.IGNORECASE)


def is_code(text: str) -> bool:
    """Whether a text has the form of a code; whether there is such a place is another question."""
    return _CODE.fullmatch(text) is not None


def hamlet_code(commune_code: str, name: str) -> str:
    """The code of a hamlet: its commune's code and a slug of its name.

    The words for "hamlet" are left out ("Ấp Rạch Gốc" and "rạch gốc" are one), but before a bare
    number they tell places apart ("Ấp 4" is `ap-4`). A long name is cut and ends with six
    characters of its digest. ValueError when the commune's code is none or the name has no letter
    or digit.
    """
    if not is_code(commune_code) or commune_code.count(".") != 1:
        raise ValueError(f"{commune_code!r}: is not a commune's code, such as 96.32083")
    words = hamlet_words(name)
    if not words:
        raise ValueError(f"{name!r}: has no letter or digit; must be a hamlet's name")
    slug = "-".join(words)
    if not slug.isascii():
        # Letters of another script: nothing of them can stand in a link.
        slug = "h-" + hashlib.sha256(slug.encode()).hexdigest()[: 2 * _HASH]
    if len(slug) > SLUG_MOST:
        digest = hashlib.sha256(slug.encode()).hexdigest()[:_HASH]
        slug = f"{slug[: SLUG_MOST - _HASH - 1].rstrip('-')}-{digest}"
    return f"{commune_code}.{slug}"


def hamlet_words(name: str) -> tuple[str, ...]:
    """The plain words that tell a hamlet's name from others of its commune."""
    tokens = plain_tokens(name)
    for words in HAMLET_WORDS:
        rest = tokens[len(words) :]
        if tokens[: len(words)] == words and rest:
            # "Ấp 4" and "Khóm 5A" are nothing without the word; "Tổ dân phố 3" is also "tdp 3".
            short = words[0] if len(words) == 1 else "".join(word[0] for word in words)
            return (short, *rest) if rest[0][0].isdigit() else rest
    return tokens


def name_keys(name: str) -> tuple[str, ...]:
    """What a hamlet's name is found by."""
    return keys_of(hamlet_words(name))


def parents(code: str) -> tuple[str, ...]:
    """The places a place lies in, the nearest first, "" (everywhere) last."""
    parts = code.split(".") if code else []
    found = [".".join(parts[:count]) for count in range(len(parts) - 1, 0, -1)]
    return (*found, "") if code else ()


def commune_of(code: str) -> str:
    """The commune's code a code contains; "" when it names none."""
    return ".".join(code.split(".")[:2]) if code.count(".") >= 1 else ""


def payload_of(code: str) -> str:
    """The start payload of a place: `loc_96_32083`. ValueError when it is no code."""
    if not is_code(code):
        raise ValueError(f"{code!r}: is no place's code")
    return "loc_" + code.replace(".", "_")


def code_of_payload(text: str) -> str | None:
    """The code in a start payload or in a message that is nothing else; None for other texts.

    People type the letters they see on a poster: `LOC 96 32083` counts too.
    """
    match = _PAYLOAD.fullmatch(text.strip())
    if match is None:
        return None
    code = ".".join(re.split(r"[_ ]+", match.group(1).strip().lower()))
    return code if is_code(code) else None


_LEVELS = re.compile(r"^(?:tinh|thanh pho|tp) ")


def slug_of_name(name: str) -> str:
    """A province's name as a file is called: "Tỉnh Cà Mau" is `ca-mau`."""
    return _LEVELS.sub("", " ".join(plain_tokens(name))).replace(" ", "-")


def key_of_name(name: str) -> str:
    """A province's name to compare with: without level, marks and spaces."""
    return slug_of_name(name).replace("-", "")
