"""What helpers type to work on tickets: "nhận 12", "hẹn 12 chiều mai 3 giờ", "xong 12 15 18".

With marks or without. Where there are no buttons these words are all there is, so everything a
button does can be typed. A text that is no order is None: it is said to the citizen.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.domain.tickets import TicketOutcome
from nlu.text import strip_diacritics


class Act(StrEnum):
    """What an order asks for."""

    TAKE = "take"
    GIVE_BACK = "give_back"
    DONE = "done"
    PASS = "pass"
    CLIMB = "climb"
    CALL = "call"
    SPOKE = "spoke"
    NO_ANSWER = "no_answer"
    VISIT = "visit"
    NO_VISIT = "no_visit"
    VISITED = "visited"
    STEP = "step"
    CANNED = "canned"
    RESEND = "resend"
    SHOW = "show"
    LIST = "list"
    SUMMARY = "summary"
    HELP = "help"
    SAY = "say"


@dataclass(frozen=True, slots=True)
class Order:
    """An order. `numbers` are the tickets it names, none where the one at hand is meant.

    `rest` is what follows, as it was typed: a reason, a name, a time, a guide's title, a line.
    `number` is that of a step or a canned reply, from 1. `sure`: it can be nothing else (a number
    or a slash stands in it).
    """

    act: Act
    numbers: tuple[int, ...] = ()
    rest: str = ""
    number: int = 0
    outcome: TicketOutcome = TicketOutcome.SOLVED
    minutes: int | None = None
    sure: bool = True


_TICKETS_MOST = 20
_LONGEST = 600
_MINUTES_MOST = 1440
_N = r"(?:phieu\s+)?(?:so\s+)?(?P<n>\d{1,11})"
_MAYBE_N = rf"(?:\s+{_N})?"
#: After a ticket's number: not the hour, the day or the money that such a number would be.
_ALONE = (
    r"(?!\s*(?:h|g|gio|ph|phut|p|k|tram|nghin|ngan|trieu|dong|buoc|lan|so|ngay|thang)\b)"
    r"(?![:/.\d])"
)
_POLITE = re.compile(
    r"(?:\s+(?:nha|nhe|nghe|nghen|a|ah|di|giup|gium|dum|voi|luon|roi|ne|cho|em|toi|tui|minh|no))+$"
)
_SLASHED = {
    "tralai": "tra lai",
    "khongnghemay": "khong nghe may",
    "dagoi": "da goi",
    "bohen": "bo hen",
    "datoi": "da toi",
    "guilai": "gui lai",
    "cuatoi": "cua toi",
    "trogiup": "tro giup",
    "help": "tro giup",
}
_PATTERNS: tuple[tuple[Act, str], ...] = (
    (Act.SHOW, rf"(?:phieu|xem|xem phieu|mo phieu)(?:\s+so)?\s+{_N}"),
    (Act.LIST, r"phieu|danh sach phieu|ds phieu|xem phieu|phieu dang giu"),
    (Act.SUMMARY, r"cua toi|viec cua toi|thang nay cua toi|tong ket cua toi"),
    (Act.HELP, r"tro giup|huong dan to|lenh|cac lenh"),
    (Act.TAKE, rf"(?:nhan|lay){_MAYBE_N}"),
    (Act.SAY, rf"(?:nhan|nhan tin|nhan cho|tra loi|noi|noi voi)\s+{_N}\s*[:,]?\s+(?P<rest>.+)"),
    (Act.SAY, rf"{_N}\s*:\s*(?P<rest>.+)"),
    (Act.GIVE_BACK, rf"(?:tra lai|tra)(?:\s+{_N}{_ALONE})?(?:\s*[,.:;-]?\s+(?P<rest>.+))?"),
    (
        Act.CLIMB,
        rf"chuyen{_MAYBE_N}\s+(?:len|cho)\s+(?:to |ban |cap |uy ban |ubnd )?"
        r"(?:xa|phuong|tinh|tren)(?:\s*[,.:;-]?\s+(?P<rest>.+))?",
    ),
    (Act.PASS, rf"(?:chuyen|giao){_MAYBE_N}(?:\s+(?:qua |sang )?cho\s+(?P<rest>.+))?"),
    (Act.NO_ANSWER, r"(?:goi\s+)?(?:khong|ko|k|hong|hok) (?:nghe|bat|boc|tra loi) may" + _MAYBE_N),
    (Act.NO_ANSWER, rf"{_N} (?:khong|ko|k|hong|hok) (?:nghe|bat|boc|tra loi) may"),
    (Act.SPOKE, rf"(?:da goi|goi duoc|da goi duoc|da noi chuyen|goi roi){_MAYBE_N}"),
    (Act.CALL, rf"(?:goi|goi lai|goi dien){_MAYBE_N}"),
    (Act.NO_VISIT, rf"(?:bo|huy|hoan) hen{_MAYBE_N}"),
    (Act.VISITED, rf"(?:da toi|da den|toi roi|den roi)(?:\s+nha)?{_MAYBE_N}(?:\s+(?P<rest>.+))?"),
    (Act.VISIT, rf"(?:hen|hen toi nha|hen gap)(?:\s+{_N}{_ALONE})?(?:\s+(?P<rest>.+))?"),
    (Act.RESEND, rf"gui lai{_MAYBE_N}"),
    (
        Act.STEP,
        rf"gui(?:\s+{_N})?\s+buoc\s+(?P<k>\d{{1,2}})"
        r"(?:\s+(?:(?:cua|trong)\s+)?(?:huong dan\s+|bai\s+)?(?P<rest>.+))?",
    ),
    (Act.CANNED, rf"(?:gui(?:\s+{_N})?\s+)?(?:cau )?mau(?:\s+(?P<k>\d{{1,2}}))?"),
)
_READERS = tuple((act, re.compile(pattern)) for act, pattern in _PATTERNS)
_DONE = re.compile(r"(?:xong|xg)(?:\s+(?:roi|phieu))?(?P<ns>(?:[\s,;]+\d{1,11})*)(?P<rest>\D.*)?")
#: Orders that are whole without a ticket's number.
_WITHOUT = frozenset({Act.LIST, Act.SUMMARY, Act.HELP})
_BARE = frozenset({Act.GIVE_BACK, Act.CALL, Act.NO_ANSWER, Act.SPOKE, Act.RESEND, Act.NO_VISIT})


def read_order(text: str) -> Order | None:
    """The order a whole message is; None when it is none. `sure` is False for bare words that
    may also be meant for the citizen ("gọi lại")."""
    raw = " ".join(unicodedata.normalize("NFC", text[: _LONGEST + 1]).split()).strip(" .!")
    if not raw or len(raw) > _LONGEST:
        return None
    if raw == "?":
        return Order(Act.HELP)
    slash = raw.startswith("/")
    if slash:
        raw = _unslashed(raw)
    plain = strip_diacritics(raw.lower())
    if len(plain) != len(raw):
        raw = plain
    short = _POLITE.sub("", plain)
    return _done(plain, slash) or _done(short, slash) or _other(raw, plain, slash)


def _unslashed(raw: str) -> str:
    head, _, rest = raw[1:].partition(" ")
    word = head.partition("@")[0].lower()
    return f"{_SLASHED.get(word, word)} {rest}".strip()


def _other(raw: str, plain: str, slash: bool) -> Order | None:
    short = _POLITE.sub("", plain)
    for act, reader in _READERS:
        match = reader.fullmatch(short) or reader.fullmatch(plain)
        if match is None:
            continue
        found = match.groupdict()
        numbers = (int(found["n"]),) if found.get("n") else ()
        start = match.start("rest") if found.get("rest") else -1
        rest = raw[start : match.end("rest")].strip() if start >= 0 else ""
        order = Order(act, numbers, rest, int(found.get("k") or 0))
        return _checked(order, slash)
    return None


def _checked(order: Order, slash: bool) -> Order | None:
    """Without a number or a slash most of these are things people say to one another."""
    if order.act is Act.VISITED:
        minutes = read_minutes(order.rest)
        if order.rest and minutes is None:
            return None
        order = replace(order, minutes=minutes, rest="")
    if order.numbers or slash or order.act in _WITHOUT:
        return order
    if order.act is Act.STEP or (order.act is Act.CANNED and not order.rest):
        return order
    return replace(order, sure=False) if order.act in _BARE and not order.rest else None


def _done(plain: str, slash: bool) -> Order | None:
    """As "xong 12", "xong 12 15 18", "xong 12 tại nhà 45 phút"."""
    match = _DONE.fullmatch(plain)
    if match is None:
        return None
    numbers = [int(n) for n in re.findall(r"\d+", match["ns"])]
    rest = (match["rest"] or "").strip(" ,.;:")
    if numbers and re.match(r"(?:phut|p|tieng|gio|h|g)\b", rest):
        # The last number belongs to the time.
        rest = f"{numbers.pop()} {rest}"
    minutes, words = _split_minutes(rest)
    outcome = read_outcome(words)
    if outcome is None or len(numbers) > _TICKETS_MOST:
        return None
    if not numbers and not slash and (words or minutes is not None):
        return None
    if minutes is not None and outcome is TicketOutcome.SOLVED:
        outcome = TicketOutcome.SOLVED_AT_HOME
    order = Order(Act.DONE, tuple(dict.fromkeys(numbers)), outcome=outcome, minutes=minutes)
    return replace(order, sure=bool(numbers) or slash, rest=words)


# Outcomes and lengths of time ------------------------------------------------------------------

_LEADING = re.compile(r"(?:ket qua|la|vi|do|chuyen|bao|gioi thieu|huong dan|chi|qua|ra|len|cho)\s+")
_OUTCOMES: tuple[tuple[TicketOutcome, str], ...] = (
    (TicketOutcome.SOLVED, r"|duoc|lam duoc|duoc roi|xong|giai quyet(?: xong| duoc)?|da giup"),
    (TicketOutcome.SOLVED_AT_HOME, r"(?:lam |giup |xong )?(?:tai|o|toi|den) nha"),
    (
        TicketOutcome.NOT_REACHABLE,
        r"(?:khong|ko|k|hong) (?:gap|lien lac|lien he|goi)(?: duoc)?"
        r"|(?:khong|ko|k|hong) (?:nghe|bat|boc) may",
    ),
    (TicketOutcome.WRONG_NUMBER, r"(?:sai|nham|lon) so(?: dien thoai)?"),
    (TicketOutcome.REFERRED_POLICE, r"cong an(?: xa| phuong)?"),
    (TicketOutcome.REFERRED_BANK, r"ngan hang"),
    (
        TicketOutcome.REFERRED_COMMUNE,
        r"(?:uy ban(?: nhan dan)? |ubnd |tru so )?(?:xa|phuong)|uy ban",
    ),
)
_OUTCOME_READERS: tuple[tuple[TicketOutcome, Callable[[str], object]], ...] = tuple(
    (outcome, re.compile(pattern).fullmatch) for outcome, pattern in _OUTCOMES
)
_HOURS = re.compile(
    r"(?:(?P<h>\d{1,2})(?:[.,](?P<part>\d))?\s*(?:tieng|gio|h)(?:\s*(?P<m>\d{1,2})(?:\s*(?:phut|p))?"
    r"|\s+(?P<half>ruoi|nua))?|(?P<only>nua)\s+(?:tieng|gio))\b"
)
_MINUTES = re.compile(r"(?P<m>\d{1,4})\s*(?:phut|ph|p|')(?!\w)")


def read_outcome(words: str) -> TicketOutcome | None:
    """The outcome that words without marks name; solved for no words, None for other words."""
    short = words.strip()
    while lead := _LEADING.match(short):
        short = short[lead.end() :]
    return next((outcome for outcome, is_it in _OUTCOME_READERS if is_it(short)), None)


def read_minutes(text: str) -> int | None:
    """How long something took: "45 phút", "1 tiếng rưỡi", "1h30"; a bare number is minutes."""
    plain = strip_diacritics(text.lower()).strip(" .!")
    minutes, rest = _split_minutes(plain)
    if minutes is None and plain.isascii() and plain.isdecimal() and len(plain) <= 4:
        minutes, rest = int(plain), ""
    fillers = re.sub(r"\b(?:khoang|chung|co|hon|gan|mat|het|lam|toi|nha)\b", " ", rest)
    if minutes is None or fillers.strip() or minutes > _MINUTES_MOST:
        return None
    return minutes


def _split_minutes(plain: str) -> tuple[int | None, str]:
    """(minutes named, the words without them)."""
    match = _HOURS.search(plain)
    if match is not None:
        minutes = 30 if match["only"] else int(match["h"]) * 60
        minutes += int(match["part"] or 0) * 6 + int(match["m"] or 0)
        minutes += 30 if match["half"] else 0
    else:
        match = _MINUTES.search(plain)
        if match is None:
            return None, plain
        minutes = int(match["m"])
    rest = f"{plain[: match.start()]} {plain[match.end() :]}"
    return minutes, " ".join(rest.split())
