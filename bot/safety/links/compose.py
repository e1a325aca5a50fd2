"""Host names made up from patterns, to train the model without anybody's list.

Swindlers' names: brand x lure x joiner x number, misspelt brands, names of money games, of shops
that are none, of nothing at all. Ordinary names: trade x person or place, companies, schools,
letters of a company's name. Everything follows from the seed.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from bot.safety.links.knowledge import Knowledge

Pattern = Callable[["Composer"], str]


class Composer:
    """Makes names, one after another."""

    def __init__(self, knowledge: Knowledge, seed: int) -> None:
        self.random = random.Random(seed)
        words = knowledge.words
        self.brands = [s for b in knowledge.brands if not b.common for s in b.spellings]
        self.money = [s for b in knowledge.brands if b.kind in _MONEY for s in b.spellings]
        self.lures = [w for lures in words.lures.values() for w in lures if len(w) > 2]
        self.kinds = words.lures
        self.sounds = knowledge.sounds
        self.places, self.plain = list(words.places), list(words.plain)

    def pick(self, words: Sequence[str]) -> str:
        """One of them."""
        return self.random.choice(words)

    def of(self, sort: str) -> str:
        """One of the sounds or words of a sort."""
        return self.pick(self.sounds[sort])

    def often(self, share: float) -> bool:
        """True in this share of cases."""
        return self.random.random() < share

    def join(self, *parts: str, hyphens: float = 0.25) -> str:
        """Parts in a row, sometimes with hyphens."""
        joiner = "-" if self.often(hyphens) else ""
        return joiner.join(part for part in parts if part)

    def number(self) -> str:
        """A number as swindlers append it."""
        if self.often(0.5):
            return self.of("counts")
        return str(self.random.randrange(1, 10 ** self.random.randrange(1, 5)))

    def syllable(self) -> str:
        """A Vietnamese syllable without its marks."""
        return self.of("onsets") + self.of("rimes")

    def lure(self, *kinds: str) -> str:
        """A word of one of these kinds."""
        return self.pick(self.kinds[self.pick(kinds)])

    def misspelt(self, word: str) -> str:
        """The word with one or two letters wrong."""
        for _ in range(1 if self.often(0.7) else 2):
            word = self._wrong(word)
        return word

    def _wrong(self, word: str) -> str:
        at = self.random.randrange(len(word))
        kind = self.random.randrange(5)
        if kind == 0:
            return word[:at] + word[at] + word[at:]
        if kind == 1 and len(word) > 4:
            return word[:at] + word[at + 1 :]
        if kind == 2 and at + 1 < len(word):
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        if kind == 3:
            return word[:at] + self.of("letters") + word[at + 1 :]
        return word[:at] + self.of("letters") + word[at:]


_MONEY = ("bank", "wallet", "state", "post", "invest")


def _brand_lure(c: Composer) -> str:
    parts = [c.pick(c.brands), c.pick(c.lures)]
    c.random.shuffle(parts)
    return c.join(*parts, c.of("tails") if c.often(0.3) else c.number() if c.often(0.3) else "")


def _brand_number(c: Composer) -> str:
    return c.join(c.pick(c.brands), c.number(), hyphens=0.15)


def _brand_tail(c: Composer) -> str:
    return c.join(c.pick(c.brands), c.of("tails"))


def _brand_head(c: Composer) -> str:
    return c.join(c.of("heads"), c.pick(c.brands))


def _brand_letters(c: Composer) -> str:
    letters = "".join(c.of("letters") for _ in range(c.random.randrange(1, 5)))
    return c.join(c.pick(c.brands), letters, hyphens=0.1)


def _brand_wrong(c: Composer) -> str:
    return c.join(c.misspelt(c.pick(c.brands)), c.of("tails") if c.often(0.3) else "")


def _two_lures(c: Composer) -> str:
    tail = c.of("tails") if c.often(0.3) else c.number() if c.often(0.3) else ""
    return c.join(c.pick(c.lures), c.pick(c.lures), tail)


def _loan(c: Composer) -> str:
    return c.join(
        c.lure("loan"),
        c.lure("loan", "bank", "support", "install"),
        c.pick(["", *c.sounds["tails"]]),
    )


def _lure_number(c: Composer) -> str:
    return c.join(c.pick(c.lures), c.number(), hyphens=0.15)


def _vn_dash(c: Composer) -> str:
    letters = "".join(c.of("letters") for _ in range(c.random.randrange(1, 5)))
    return f"vn-{c.pick([letters, c.pick(c.brands), c.pick(c.lures)])}"


def _gamble(c: Composer) -> str:
    head = c.pick([c.syllable(), c.lure("gamble"), c.of("letters") + str(c.random.randrange(10))])
    return c.join(head, c.of("gambling"), c.number() if c.often(0.5) else "", hyphens=0.05)


def _mall(c: Composer) -> str:
    head = c.pick(
        ["shop", "mall", "store", "buy", "global", "ishop", "eshop", "goshop", "mart", "sale"]
    )
    body = c.pick(
        [
            c.number(),
            c.of("tails"),
            c.lure("game", "gift", "mall", "member"),
            c.syllable(),
        ]
    )
    return c.join(head, body, c.number() if c.often(0.3) else "", hyphens=0.1)


def _nothing(c: Composer) -> str:
    letters = "".join(c.of("letters") for _ in range(c.random.randrange(2, 7)))
    digits = str(c.random.randrange(10, 10 ** c.random.randrange(2, 6)))
    return letters + digits if c.often(0.7) else letters + digits + c.of("letters")


def _letters(c: Composer) -> str:
    return "".join(c.of("consonants") for _ in range(c.random.randrange(4, 9)))


def _invest(c: Composer) -> str:
    head = c.pick(
        [
            c.of("sounds") + c.of("sounds"),
            c.lure("invest"),
            c.of("english"),
        ]
    )
    return c.join(head, c.lure("invest"), c.pick(["", "", *c.sounds["tails"]]), hyphens=0.1)


def _authority(c: Composer) -> str:
    parts = [
        c.lure("authority"),
        c.pick(["vn", "gov", "govvn", "online", *c.places[:20], *c.money]),
    ]
    c.random.shuffle(parts)
    return c.join(*parts, c.lure("account", "support") if c.often(0.3) else "", hyphens=0.4)


def _job(c: Composer) -> str:
    return c.join(
        c.lure("job"),
        c.pick([c.pick(c.brands), c.number(), c.of("tails"), c.lure("job")]),
    )


def _vote(c: Composer) -> str:
    return c.join(
        c.lure("vote"),
        c.pick([c.number(), c.of("tails"), c.syllable(), c.lure("vote")]),
    )


def _person(c: Composer) -> str:
    return "".join(c.of("names") for _ in range(c.random.randrange(2, 4)))


def _trade_person(c: Composer) -> str:
    return c.join(
        c.pick(c.plain),
        c.of("names") + (c.of("names") if c.often(0.6) else ""),
        hyphens=0.05,
    )


def _trade_place(c: Composer) -> str:
    tail = c.pick(["24h", "365", "247"]) if c.often(0.03) else ""
    return c.join(c.pick(c.plain), c.pick(c.places), tail, hyphens=0.05)


def _two_trades(c: Composer) -> str:
    return c.join(c.pick(c.plain), c.pick(c.plain), hyphens=0.05)


def _syllables(c: Composer) -> str:
    return "".join(c.syllable() for _ in range(c.random.randrange(2, 5)))


def _trade_syllables(c: Composer) -> str:
    return c.pick(c.plain) + c.syllable() + (c.syllable() if c.often(0.6) else "")


def _vietnam(c: Composer) -> str:
    parts = [
        c.pick(["vina", "viet", "vn", "vi", "vietnam"]),
        c.pick([c.of("english"), c.syllable(), c.of("names")]),
    ]
    if c.often(0.3):
        parts.reverse()
    return "".join(parts)


def _english(c: Composer) -> str:
    return c.join(c.of("english"), c.of("english"), hyphens=0.06)


def _name_english(c: Composer) -> str:
    return _person(c) + c.of("english")


def _abroad(c: Composer) -> str:
    return "".join(
        c.pick([c.of("sounds"), c.of("abroad")]) for _ in range(c.random.randrange(2, 5))
    )


def _initials(c: Composer) -> str:
    letters = "".join(c.of("letters") for _ in range(c.random.randrange(2, 5)))
    tail = c.pick([c.pick(c.places), c.of("names"), c.syllable()]) if c.often(0.6) else ""
    return letters + tail


def _school(c: Composer) -> str:
    head = c.pick(
        [
            "thpt",
            "thcs",
            "th",
            "mn",
            "truong",
            "c3",
            "tieuhoc",
            "mamnon",
            "daihoc",
            "caodang",
            "bv",
            "benhvien",
            "ttyt",
            "trungtamyte",
        ]
    )
    return head + c.pick([_person(c), c.pick(c.places), c.syllable() + c.syllable()])


def _business(c: Composer) -> str:
    """A trade whose words swindlers use too: gifts, jobs, events, money."""
    word = c.lure("gift", "job", "invest", "bank", "support", "authority", "mall")
    return c.join(word, c.pick([c.pick(c.plain), c.pick(c.places), _person(c)]), hyphens=0.05)


def _numbered(c: Composer) -> str:
    word = c.pick([c.pick(c.plain), c.of("english"), c.pick(c.places), _person(c)])
    number = c.of("digits")
    return number + word if c.often(0.25) else word + number


def _game(c: Composer) -> str:
    head = c.pick(
        [
            _person(c),
            c.of("names") + c.of("names"),
            c.syllable() + c.syllable(),
            c.of("english"),
        ]
    )
    tail = c.of("play")
    return head + tail if c.often(0.7) else tail + head


def _one_word(c: Composer) -> str:
    return c.pick([c.of("english"), c.pick(c.plain), c.pick(c.places)]) + c.pick(
        ["", "", "", "vn", "viet"]
    )


#: Patterns with the share each has.
BAD: dict[Pattern, int] = {
    _brand_lure: 20, _brand_number: 12, _brand_tail: 8, _brand_head: 6, _brand_letters: 8,
    _brand_wrong: 10, _two_lures: 10, _loan: 7, _lure_number: 6, _vn_dash: 3, _gamble: 7, _mall: 7,
    _nothing: 6, _letters: 1, _invest: 5, _authority: 6, _job: 5, _vote: 3,
}  # fmt: skip
GOOD: dict[Pattern, int] = {
    _person: 10, _trade_person: 14, _trade_place: 10, _two_trades: 6, _syllables: 12,
    _trade_syllables: 12, _vietnam: 8, _english: 10, _name_english: 8, _abroad: 8, _initials: 8,
    _school: 8, _one_word: 4, _numbered: 7, _game: 6, _business: 7,
}  # fmt: skip


def compose(knowledge: Knowledge, many: int, seed: int) -> tuple[list[str], list[str]]:
    """`many` swindlers' labels and as many ordinary ones, the same for the same seed."""
    composer = Composer(knowledge, seed)
    known = {domain.partition(".")[0] for domain in knowledge.official | set(knowledge.owned)}
    bad = _made(composer, BAD, many)
    good = _made(composer, GOOD, many)
    return [name for name in bad if name not in known], good


def _made(composer: Composer, patterns: dict[Pattern, int], many: int) -> list[str]:
    order = composer.random.choices(list(patterns), list(patterns.values()), k=many)
    return [pattern(composer) for pattern in order]
