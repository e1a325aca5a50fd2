"""Find secrets made of digits, however they are spelled."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.safety import shapes
from bot.safety.context import Context
from bot.safety.view import BARRIER, SecretKind, Span, View, words

_LONG = 9  # digits from which a run is a secret by itself
_SHORT = 4
# A message of a person has a few numbers. Past this many, hide without looking closer: a hostile
# text must not cost time, and a second masking sees only the ones judged here, so agrees.
_JUDGED_MOST = 600
_DIGITS_MOST = 80

_AFTER_ACCOUNT = re.compile(r"[^\w\n]{0,3}(?:(?:la|do la|day la) )?(?:stk|so tai khoan|so tk)\b")
_AFTER_OTP = re.compile(
    r"[^\w\n]{0,3}(?:(?:(?:la|day la|do la|thi la) )(?:cai )?(?:ma|otp|code)|otp|ma (?:otp|xac))\b"
)
_UNITS = re.compile(
    r" ?(?:%|(?:m2|mah|kg|km|met|ki|ky|con|nguoi|tuoi|lan|buoc|so|chu|ngay|thang|nam|gio|phut|giay"
    r"|cai|ho|trang|mb|gb|doi|san pham|cay|tin)(?![a-z]))"
)
_SAID_YEAR = re.compile(r"\b(?:nam|tu|den|sinh|thang|khoa|doi)\s{1,2}$")
_STOP = re.compile(r"[.?!]\s")
_COURTESY = words(
    "da a ah nha nhe nghe ne day ok oke vang u um em anh chi chu co bac ba ong oi con chau roi la"
    " so do ban ma"
)
# "Điều 11, 15, 16, 18", "đầu số 022, 024, 028".
_LIST = re.compile(r"\d{2,4}(?:, \d{2,4})+")
_NUMBERED = ("identity", "account", "card", "otp")
_WORD = re.compile(r"[^\W\d]+")
_LONE_MOST = 60
# In a code that is half said and half typed.
_WORDS_LEAST = 2

#: Words for digits, and "mười", which is said between some.
DIGIT_WORDS = {
    **dict.fromkeys(("khong", "ko", "hong", "zero", "le", "linh"), "0"),
    **dict.fromkeys(("mot",), "1"),
    **dict.fromkeys(("hai",), "2"),
    **dict.fromkeys(("ba",), "3"),
    **dict.fromkeys(("bon", "tu"), "4"),
    **dict.fromkeys(("nam", "lam", "nham"), "5"),
    **dict.fromkeys(("sau",), "6"),
    **dict.fromkeys(("bay",), "7"),
    **dict.fromkeys(("tam",), "8"),
    **dict.fromkeys(("chin",), "9"),
    "muoi": "",
}
_SPELLED = "|".join(DIGIT_WORDS)
_SPELLED_UNIT = rf"(?:(?:{_SPELLED})(?!\w)|\d+)"
_SPELLED_RUN = re.compile(
    rf"(?<!\w)(?={_SPELLED_UNIT}[^\w\n]{{1,3}}{_SPELLED_UNIT})"
    rf"{_SPELLED_UNIT}(?>(?:[^\w\n]{{1,3}}{_SPELLED_UNIT})*)"
)
_SPELLED_WORD = re.compile(rf"\b(?:{_SPELLED})\b")
_SPELLED_TOKEN = re.compile(r"[a-z]+|\d+")


def number_spans(view: View, *, expecting_code: bool) -> list[Span]:
    """All secrets made of digits or of words for digits."""
    plain = view.plain
    context = Context(plain)
    judge = _Judge(plain, context, expecting_code)
    spans: list[Span] = []
    for count, found in enumerate(shapes.CLUSTER.finditer(plain)):
        if count < _JUDGED_MOST:
            spans += judge.cluster(found.start(), found.end())
        else:
            spans.append(Span(found.start(), found.end(), SecretKind.ACCOUNT))
    return [*spans, *_spelled_spans(judge, _blanked(plain, spans))]


def _blanked(plain: str, spans: list[Span]) -> str:
    """The view without what was found, as a second masking would see it."""
    parts: list[str] = []
    done = 0
    for span in spans:
        parts += (plain[done : span.start], BARRIER * (span.end - span.start))
        done = span.end
    parts.append(plain[done:])
    return "".join(parts)


_Pieces = list[tuple[int, int]]


class _Judge:
    """Decides on one run of digits after another."""

    def __init__(self, plain: str, context: Context, expecting_code: bool) -> None:
        self.plain = plain
        self.context = context
        self.expecting = expecting_code

    def cluster(self, start: int, end: int) -> Iterator[Span]:
        """Split a cluster at what is harmless, and judge what is left."""
        digits = shapes.NOT_DIGIT.sub("", self.plain[start:end])
        total = len(digits)
        if total > _DIGITS_MOST:
            yield Span(start, end, SecretKind.ACCOUNT)
            return
        hard, soft, alike = self._harmless(start, end)
        covered = sum(self._count(*piece) for piece in hard)
        if alike and covered + sum(self._count(*piece) for piece in soft) >= total:
            yield from self._all_harmless(start, end, total, hard=bool(hard))
        elif self._is_one(start, end, digits) and (covered * 2 <= total or total < 13):
            yield self._named(start, end, digits)
        else:
            for part_start, part_end in self._parts(start, end, hard):
                yield from self._part(part_start, part_end, soft)

    def _harmless(self, start: int, end: int) -> tuple[_Pieces, _Pieces, bool]:
        """Harmless pieces of both sorts, and whether the soft ones could be a list of one thing."""
        hard: _Pieces = []
        soft: _Pieces = []
        sorts: set[str] = set()
        for found in shapes.HARMLESS.finditer(self.plain, start, min(len(self.plain), end + 12)):
            if found.start() >= end:
                break
            if found["hard"]:
                hard.append(found.span())
            else:
                soft.append(found.span())
                sorts.add(next(name for name in shapes.SOFT_SORTS if found[name]))
        alike = len(soft) < 2 or (len(sorts) == 1 and "odd_sum" not in sorts)
        return hard, soft, alike

    def _count(self, start: int, end: int) -> int:
        return sum(map(str.isdigit, self.plain[start:end]))

    def _all_harmless(self, start: int, end: int, total: int, *, hard: bool) -> Iterator[Span]:
        """Round sums and years are secrets after all when someone says that they are."""
        if hard:
            return
        if total >= 6 and self._is_account(start, end, certain=True):
            yield Span(start, end, SecretKind.ACCOUNT)
        elif total >= _LONG and self.context.near(start, "identity"):
            yield Span(start, end, SecretKind.ID_NUMBER)
        elif total <= 8 and self.expecting and self._is_lone(start, end):
            yield Span(start, end, SecretKind.OTP)

    def _is_one(self, start: int, end: int, digits: str) -> bool:
        """One secret over the whole cluster, not a whole one beside something else."""
        if not shapes.is_whole(digits):
            return False
        groups = shapes.GROUP.findall(self.plain, start, end)
        return len(groups) == 1 or not any(
            shapes.is_phone(group) or len(group) == 12 for group in groups
        )

    def _named(self, start: int, end: int, digits: str) -> Span:
        kind = shapes.kind_of(digits, card_near=self.context.near(start, "card", 60))
        if kind is SecretKind.ID_NUMBER and self._is_account(start, end, certain=True):
            kind = SecretKind.ACCOUNT
        return Span(start, end, kind)

    def _parts(self, start: int, end: int, hard: _Pieces) -> Iterator[tuple[int, int]]:
        """What lies between harmless pieces and between sentences, from digit to digit."""
        cuts = [*hard, *(m.span() for m in shapes.SENTENCE.finditer(self.plain, start, end))]
        done = start
        for cut_start, cut_end in sorted(cuts):
            yield from self._trimmed(done, cut_start)
            done = max(done, cut_end)
        yield from self._trimmed(done, end)

    def _trimmed(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        groups = [found.span() for found in shapes.GROUP.finditer(self.plain, start, end)]
        if groups:
            plus = groups[0][0] > start and self.plain[groups[0][0] - 1] == "+"
            yield groups[0][0] - plus, groups[-1][1]

    def _part(self, start: int, end: int, soft: _Pieces) -> Iterator[Span]:
        digits = shapes.NOT_DIGIT.sub("", self.plain[start:end])
        if len(digits) < _SHORT:
            return
        if len(digits) < _LONG:
            yield from self._short(start, end, digits)
            return
        strong = [found.span() for found in shapes.STRONG.finditer(self.plain, start, end)]
        if not strong:
            listed = _LIST.fullmatch(self.plain, start, end) is not None
            if not listed or any(self.context.near(start, what) for what in _NUMBERED):
                yield self._named(start, end, digits)
            return
        done = start
        for at, to in strong:
            yield from self._leftover(done, at, soft)
            yield self._named(at, to, shapes.NOT_DIGIT.sub("", self.plain[at:to]))
            done = to
        yield from self._leftover(done, end, soft)

    def _leftover(self, start: int, end: int, soft: _Pieces) -> Iterator[Span]:
        """Digits beside a whole secret: a count or a year may stay, more may belong to it."""
        for at, to in self._trimmed(start, end):
            count = self._count(at, to)
            if count >= 6 or (count >= _SHORT and (at, to) not in soft):
                yield Span(at, to, SecretKind.ACCOUNT)
            elif count >= _SHORT:
                yield from self._short(at, to, shapes.NOT_DIGIT.sub("", self.plain[at:to]))

    def _short(self, start: int, end: int, digits: str) -> Iterator[Span]:
        """Four to eight digits: a code or a short account number, if the words say so."""
        soft = self._is_soft(start, end)
        if len(digits) >= 6 and self._is_account(start, end, certain=soft):
            yield Span(start, end, SecretKind.ACCOUNT)
        elif self.is_code(start, end, len(digits), soft=soft):
            yield Span(start, end, SecretKind.OTP)

    def _is_soft(self, start: int, end: int) -> bool:
        found = shapes.HARMLESS.match(self.plain, start)
        return found is not None and found.end() >= end

    def _is_account(self, start: int, end: int, *, certain: bool) -> bool:
        if self.context.near(start, "account") or _AFTER_ACCOUNT.match(self.plain, end):
            return True
        return not certain and self.context.near(start, "bank")

    def is_code(self, start: int, end: int, count: int, *, soft: bool) -> bool:
        if self._is_lone(start, end) and (self.expecting or (count == 6 and not soft)):
            return True
        if _UNITS.match(self.plain, end) or _SAID_YEAR.search(self.plain, max(0, start - 8), start):
            return False
        if _AFTER_OTP.match(self.plain, end) or (self.expecting and not soft):
            return True
        return self._follows_otp(start, count, soft=soft) or (
            not soft and self._follows_code(start)
        )

    def _follows_otp(self, start: int, count: int, *, soft: bool) -> bool:
        """'OTP ... 123456'. Six digits are believed from farther away than four."""
        gap = self.context.gap_before(start, "otp", 60 if count == 6 and not soft else 30)
        if gap is None:
            return False
        return not (soft and len(gap) > 8) and (count == 6 or not _STOP.search(gap))

    def _follows_code(self, start: int) -> bool:
        gap = self.context.gap_before(start, "code", 25)
        return gap is not None and not _STOP.search(gap)

    def _is_lone(self, start: int, end: int) -> bool:
        """Whether the message is these digits and nothing but courtesy around them."""
        if len(self.plain) > _LONE_MOST:
            return False
        rest = f"{self.plain[:start]} {self.plain[end:]}"
        if any(map(str.isdigit, rest)):
            return False
        return BARRIER not in rest and all(word in _COURTESY for word in _WORD.findall(rest))


def _spelled_spans(judge: _Judge, plain: str) -> Iterator[Span]:
    """Numbers said in words, or half in words: 'không chín một hai ...'."""
    if not _SPELLED_WORD.search(plain):
        return
    for found in _SPELLED_RUN.finditer(plain):
        tokens = _SPELLED_TOKEN.findall(found[0])
        words = sum(token[0].isalpha() for token in tokens)
        if not words:
            continue
        digits = "".join(DIGIT_WORDS.get(token, token) for token in tokens)
        kind = _spelled_kind(judge, found, digits, words)
        if kind is not None:
            yield Span(found.start(), found.end(), kind)


def _by_turns(said: str, words: int) -> bool:
    """Digit by digit, some said and some typed: "8 bốn 1 ba bốn 9", and not "từ năm 2019"."""
    tokens = _SPELLED_TOKEN.findall(said)
    single = all(token[0].isalpha() or len(token) == 1 for token in tokens)
    return words >= _WORDS_LEAST and single and len(tokens) >= _SHORT


def _spelled_kind(
    judge: _Judge, found: re.Match[str], digits: str, words: int
) -> SecretKind | None:
    if shapes.is_phone(digits) or shapes.is_citizen_id(digits):
        return shapes.kind_of(digits)
    if len(digits) >= _LONG and words >= 3:
        return shapes.kind_of(digits)
    if _SHORT <= len(digits) < _LONG and (words >= _SHORT or _by_turns(found[0], words)):
        # A word for a digit is also a word for much else, so these count as soft.
        soft = len(digits) != 6
        if judge.is_code(found.start(), found.end(), len(digits), soft=soft):
            return SecretKind.OTP
    return None
