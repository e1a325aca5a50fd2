"""Links in messy text: as people type them, and as swindlers hide them.

The text is first written plainly (full-width letters, invisible ones, "hxxp", "[.]", "chấm",
spaces around dots), then links with a scheme and bare domains are taken from it. A bare domain
needs a known suffix, and must not be two words of a sentence without the space ("rồi.ai").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from bot.safety.links.letters import plain
from bot.safety.links.names import split
from bot.safety.links.urls import parse

#: Letters of a text that are looked at.
TEXT_MOST = 12_000

_INVISIBLE = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e01ef]"
)
_SCHEMES = re.compile(r"\bh\s?[tx]\s?[tx]\s?p\s?(s?)\s*[:;]\s*[/\\]\s?[/\\]\s*", re.I)
_DOTS = re.compile(
    r"\s{0,3}(?:[\[({<]\s?(?:\.|,|dot|cham|chấm|chám)\s?[\])}>]|(?<=[a-z0-9])\s(?:dot|chấm)\s(?=[a-z0-9]))\s{0,3}",
    re.I,
)
# Suffixes common enough that "ten . xyz" and "ten,xyz" are read as one name.
_COMMON = (
    "com|vn|net|org|info|xyz|top|vip|shop|online|site|club|icu|cc|click|live|life|store|app|win|fun|"
    "asia|biz|me|link|pro|tk|ml|ga|cf|gq"
)
_SPACED = re.compile(
    rf"(?<![^\s(\"'/])((?:[a-z0-9][a-z0-9\-]{{1,62}})(?:\s?\.\s?(?:com|gov|net|org|edu))?)"
    rf"(?:\s{{1,3}}\.\s{{0,3}}|\s{{0,3}}\.\s{{1,3}}|,(?=com|vn|net|xyz|top|vip))((?:{_COMMON}))(?=[\s/?:!,;)\"']|\.?$|\.\s)",
    re.I,
)
_SECOND = re.compile(
    r"(?<=[a-z0-9])\s{1,2}\.\s{0,2}(?=vn\b)|(?<=[a-z0-9])\s?\.\s{1,2}(?=vn\b)", re.I
)

_TAIL = r"[^\s<>\"“”‘’«»]*"
_WITH_SCHEME = re.compile(r"[a-z][a-z0-9+.\-]{1,15}:/{1,3}[^\s<>\"“”‘’«»]+", re.I)
_LABEL = r"[^\W_](?:[\w\-]{0,61}[^\W_])?"
_BARE = re.compile(
    rf"(?<![\w@.\-/])(?:[^\s<>\"@/]{{1,80}}@)?(?:{_LABEL}\.){{1,12}}[^\W\d_][\w\-]{{1,62}}"
    rf"(?![\w\-@])(?::\d{{1,5}})?(?:[/?#\\]{_TAIL})?",
)
_NUMBERS = re.compile(r"(?<![\w.\-/@])\d{1,3}(?:\.\d{1,3}){3}(?:(?::\d{1,5})(?:/\S*)?|/\S*)(?!\w)")
_END = ".,;:!?…)]}'\"”’*_~|"
_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdghklmnprstvxdđ])?[aeiouy]{1,3}(?:ng|nh|ch|[cmnpt])?$"
)
#: Endings of files that are suffixes too: a file's name is no link.
_FILES = frozenset(("zip", "mov", "md", "py", "sh", "rs", "pl", "ps", "cab", "doc", "docx"))


def find_links(text: str, most: int) -> tuple[list[str], int]:
    """At most `most` different links in the order of the text, and how many more there are."""
    found: dict[str, None] = {}
    for link in _links(_plainly(text[:TEXT_MOST])):
        found.setdefault(link)
    links = list(found)
    return links[:most], max(0, len(links) - most)


def _plainly(text: str) -> str:
    shown = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).replace("。", ".")
    shown = _SCHEMES.sub(lambda m: f" http{m.group(1).lower()}://", shown)
    shown = _DOTS.sub(".", shown)
    shown = _SPACED.sub(lambda m: f"{''.join(m.group(1).split())}.{m.group(2)}", shown)
    return (
        _SECOND.sub(".", shown) if ". vn" in shown or " .vn" in shown or " . vn" in shown else shown
    )


def _links(text: str) -> Iterator[str]:
    spans: list[tuple[int, int, str]] = []
    for found in _WITH_SCHEME.finditer(text):
        link = _trimmed(found.group())
        scheme = link.partition(":")[0].lower()
        if scheme in ("http", "https", "ftp", "ws", "wss") and parse(link).host:
            spans.append((found.start(), found.end(), link))
    rest = _blanked(text, spans)
    for found in _NUMBERS.finditer(rest):
        spans.append((found.start(), found.end(), _trimmed(found.group())))
    rest = _blanked(rest, spans)
    for found in _BARE.finditer(rest):
        link = _trimmed(found.group())
        if _is_link(link):
            spans.append((found.start(), found.end(), link))
    yield from (link for _, _, link in sorted(spans))


def _blanked(text: str, spans: list[tuple[int, int, str]]) -> str:
    parts, at = [], 0
    for start, end, _ in sorted(spans):
        if start >= at:
            parts += [text[at:start], " " * (end - start)]
            at = end
    return "".join([*parts, text[at:]])


def _trimmed(link: str) -> str:
    """Without the sentence's punctuation; a closing bracket stays where one was opened."""
    while link and link[-1] in _END:
        if link[-1] == ")" and link.count("(") >= link.count(")"):
            break
        link = link[:-1]
    return link


def _is_link(link: str) -> bool:
    parsed = parse(link)
    name = split(parsed.host)
    if not name.registered:
        return False
    if parsed.user and not (parsed.path.strip("/") or parsed.query):
        return False  # an e-mail address
    if parsed.path or parsed.query or parsed.port or parsed.host.startswith("www."):
        return True
    last = name.suffix.rpartition(".")[2]
    if last in _FILES:
        return False
    return not _is_prose(link, name.sub, name.label, last)


def _is_prose(link: str, sub: str, label: str, last: str) -> bool:
    """Whether the dot is the end of a sentence whose space was forgotten."""
    if sub or "-" in label or any(c.isdigit() for c in label):
        return False
    before, _, after = link.rpartition(".")
    if after[:1].isupper() and not before.isupper():
        return True
    word = plain(last)
    syllables = _SYLLABLE.match(plain(label)) is not None
    if not before.isascii():
        # "ngânhàng.com" is a name, "chợ.me" and "rồi.ai" are not.
        return syllables
    return syllables and _SYLLABLE.match(word) is not None
