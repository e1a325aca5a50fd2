"""Message text: UTF-16 lengths, HTML parse mode, entities of what a person typed."""

from __future__ import annotations

import re
from typing import Any

from .model import Json, Params, bad

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024

_TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
}
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_TOKEN = re.compile(r"&(#x[0-9a-fA-F]{1,8}|#[0-9]{1,10}|lt|gt|amp|quot);|<(/?)([^\s>]*)")
_START = re.compile(r"<([^\s>]*)((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>")
_ATTRIBUTE = re.compile(r"([^\s=]+)\s*(?:=\s*(\"[^\"]*\"|'[^']*'|[^\s]+))?")
_TYPED = re.compile(
    r"(?P<bot_command>(?<![^\s])/[A-Za-z0-9_]{1,32}(?:@[A-Za-z0-9_]{3,32})?(?![A-Za-z0-9_/]))"
    r"|(?P<url>https?://[^\s]+)"
    r"|(?P<mention>(?<![^\s])@[A-Za-z0-9_]{4,32})"
    r"|(?P<hashtag>(?<![^\s])#\w+)"
)


def utf16_len(text: str) -> int:
    """Return the length in UTF-16 code units, the unit of Telegram's offsets."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def typed_entities(text: str) -> list[Json]:
    """Return the entities Telegram finds by itself in what a person typed."""
    if not any(mark in text for mark in "/@#"):
        return []
    return [
        {
            "type": str(found.lastgroup),
            "offset": utf16_len(text[: found.start()]),
            "length": utf16_len(found.group()),
        }
        for found in _TYPED.finditer(text)
    ]


def _character(name: str) -> str:
    if name[0] != "#":
        return _NAMED[name]
    code = int(f"0{name[1:]}", 0) if name[1] in "xX" else int(name[1:])
    return chr(code) if 0 < code < 0x110000 else f"&{name};"


def _entity(tag: str, attributes: str, offset: int) -> Json:
    found = {m[1].lower(): (m[2] or "").strip("\"'") for m in _ATTRIBUTE.finditer(attributes)}
    entity: Json = {"type": _TAGS[tag], "offset": offset, "length": 0, "_tag": tag}
    if tag == "a":
        entity["url"] = found.get("href", "")
    elif tag == "tg-emoji":
        entity["custom_emoji_id"] = found.get("emoji-id", "")
    elif tag == "blockquote" and "expandable" in found:
        entity["type"] = "expandable_blockquote"
    elif tag == "span" and found.get("class") != "tg-spoiler":
        raise _unparsed('Tag "span" must have class "tg-spoiler"')
    return entity


def _unparsed(reason: str) -> Exception:
    return bad(f"can't parse entities: {reason}")


def parse_html(source: str) -> tuple[str, list[Json]]:
    """Return the plain text and entities of Telegram's HTML, or fail as Telegram does."""
    out: list[str] = []
    length = position = 0
    open_tags: list[Json] = []
    done: list[Json] = []

    def add(piece: str) -> None:
        nonlocal length
        out.append(piece)
        length += utf16_len(piece)

    while found := _TOKEN.search(source, position):
        add(source[position : found.start()])
        position = found.end()
        if found[1]:
            add(_character(found[1]))
            continue
        at = len(source[: found.start()].encode())
        ending, name = found[2], found[3].lower()
        tag = _START.match(source, found.start())
        if not ending:
            if name not in _TAGS and found.end() < len(source):
                raise _unparsed(f'Unsupported start tag "{name}" at byte offset {at}')
            if tag is None:
                raise _unparsed(f"Unclosed start tag at byte offset {at}")
            position = tag.end()
            open_tags.append(_entity(name, tag[2], length))
            continue
        if tag is None:
            raise _unparsed(f"Unclosed end tag at byte offset {at}")
        position = tag.end()
        if not open_tags:
            raise _unparsed(f"Unexpected end tag at byte offset {at}")
        entity = open_tags.pop()
        expected = entity.pop("_tag")
        if name not in ("", expected):
            raise _unparsed(
                f"Unmatched end tag at byte offset {at}, "
                f'expected "</{expected}>", found "</{name}>"'
            )
        entity["length"] = length - entity["offset"]
        if entity["length"] and entity.get("url") != "":
            done.append(entity)
    if open_tags:
        raise _unparsed(f'Can\'t find end tag corresponding to start tag "{open_tags[-1]["_tag"]}"')
    add(source[position:])
    return "".join(out), sorted(done, key=lambda e: (e["offset"], -e["length"]))


def formatted(p: Params, name: str, entities: str, limit: int) -> tuple[str, list[Any]]:
    """Return the text and entities of an argument after parsing; check its length."""
    text = p.text(name)
    mode = p.text("parse_mode").lower()
    found: list[Any] = []
    if mode == "html":
        if "<" in text or "&" in text:
            text, found = parse_html(text)
    elif mode:
        raise bad("unsupported parse_mode")
    elif entities in p.values:
        found = p.decoded(entities, "can't parse entities JSON object") or []
    if not found:
        text = text.strip()
    if utf16_len(text) > limit:
        kind = "message" if name == "text" else "message caption"
        raise bad(f"{kind} is too long")
    return text, found
