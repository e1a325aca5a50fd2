"""Where secrets end up: `python -m bench.privacy [--count 1000] [--seed 7]`.

A whole program in this process, on a real SQLite file, with the fake Bot API around it: invented
identity numbers, phones, one-time codes, cards and passwords are written in as many ways as there
are (bench.privacy_ways), at every place where people write: as a question, to a helper, by one, as
a note, a name, a place, under a picture, in a QR code. Then everything that was left is read: the
database with its log, what the program logged, /metrics, every call to the Bot API, and the talk of
tickets once it is decrypted. The same number of secrets that were never sent is looked for as well:
what is found of those is chance.

Also: how many of the sentences with numbers in the guides and in the training data are changed
(false alarms), and how long 100 kB of random text take.
"""

from __future__ import annotations

import argparse
import io
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import structlog
import yaml

from bench.bad_pictures import code, encoded
from bench.privacy_scan import Scan
from bench.privacy_ways import PASSWORD, Sent, sentences
from bot.models.schema import ticket_messages
from bot.safety.masking import mask
from bot.services.joining import Joining
from bot.settings import ROOT
from bot.store.tickets import LINE
from tests.fakes.telegram import SentMessage, User
from tests.parity.driver import Someone
from tests.parity.drivers import TelegramDriver
from tests.process import with_model

_COMMUNE = "Tân Ân"
#: Drawing and reading a code takes a tenth of a second.
_PICTURE_EVERY = 2
_YES = "Đồng ý"


@dataclass
class Report:
    """What came of it."""

    sent: int
    by_place: Counter[str]
    found: list[tuple[str, str, str]]
    by_chance: list[tuple[str, str, str]]
    looked: dict[str, int] = field(default_factory=dict)


# The people --------------------------------------------------------------------------------------


class Town:
    """Somebody who asks, somebody who is being helped, somebody whose request waits, a helper."""

    def __init__(self, driver: TelegramDriver) -> None:
        self.driver, self.house = driver, driver.house
        self._asker = self._new()
        self._asked = 0
        team = self.house.team(_COMMUNE)
        self.helped, self.helper = self._new(), self._new("Lan")
        link = Joining(self.house.program.runtime).link_of(self.house.member(team, "Lan"))
        self.write(self.helper, link.typed)
        self._request(self.helped)
        self.tap(self.helper, "Nhận")
        self.waits = self._new()
        self._request(self.waits)

    def _new(self, name: str = "Ba") -> Someone:
        who = self.driver.person(name)
        self.driver.open(who)
        return who

    def write(self, who: Someone, text: str) -> None:
        """A text."""
        self.driver.write(who, text)

    def shown(self, who: Someone) -> list[SentMessage]:
        """What somebody was sent."""
        user: User = who.handle
        return self.house.tg.messages(user.id)

    def tap(self, who: Someone, beginning: str) -> None:
        """The newest button that begins so."""
        for message in reversed(self.shown(who)):
            for label in message.labels:
                if label.startswith(beginning):
                    self.driver.tap(who, label)
                    return
        raise LookupError(f"no button {beginning!r}")

    def _request(self, who: Someone) -> None:
        self.write(who, "gặp người")
        self.tap(who, _YES)
        self.write(who, "cô Ba")
        self.tap(who, "Trả lời tại đây")
        self.write(who, _COMMUNE)
        if "phiếu số" not in self.shown(who)[-1].text:
            self.driver.tap(who, self.shown(who)[-1].labels[0])

    def asker(self) -> Someone:
        """Somebody with nothing open; another one now and then."""
        self._asked += 1
        if self._asked % 10 == 0:
            self._asker = self._new()
        return self._asker

    # Where secrets are written ---------------------------------------------------------------

    def question(self, sent: Sent) -> None:
        """Asked of the bot."""
        who = self.asker()
        for text in sent.messages:
            self.write(who, text)

    def first_words(self, sent: Sent) -> None:
        """The first thing somebody ever writes."""
        who = self.driver.person("Ba")
        for text in sent.messages:
            self.write(who, text)

    def relay(self, sent: Sent) -> None:
        """To a helper."""
        for text in sent.messages:
            self.write(self.helped, text)

    def from_helper(self, sent: Sent) -> None:
        """By a helper."""
        for text in sent.messages:
            self.write(self.helper, text)

    def note(self, sent: Sent) -> None:
        """Added to a request that waits."""
        for text in sent.messages:
            self.write(self.waits, f"bổ sung: {text}")

    def name(self, sent: Sent) -> None:
        """When asked for a name."""
        self._in_form(sent, 0)

    def place(self, sent: Sent) -> None:
        """When asked for the commune."""
        self._in_form(sent, 2)

    def _in_form(self, sent: Sent, before: int) -> None:
        who = self._new()
        steps: tuple[Callable[[], None], ...] = (
            lambda: self.write(who, "cô Ba"),
            lambda: self.tap(who, "Trả lời tại đây"),
        )
        self.write(who, "gặp người")
        self.tap(who, _YES)
        for step in steps[:before]:
            step()
        for text in sent.messages:
            self.write(who, text)
        self.write(who, "thôi")

    def alert_place(self, sent: Sent) -> None:
        """When asked whose alerts are wanted."""
        who = self._new()
        self.write(who, "nhận cảnh báo")
        for text in sent.messages:
            self.write(who, text)

    def caption(self, sent: Sent) -> None:
        """Under a picture."""
        who = self.asker()
        user: User = who.handle
        for text in sent.messages:
            before = self.house.kept()
            self.house.tg.send_photo(user, _blank(), caption=text)
            self.house.until_kept(before)
            self.house.settle()

    def qr(self, sent: Sent) -> None:
        """In a QR code."""
        who = self.asker()
        for text in sent.messages:
            self.driver.show(who, encoded(code(text)))

    def spoken(self, sent: Sent) -> None:
        """As what was understood of a recording: small letters, no marks of sentences."""
        who = self.asker()
        for text in sent.messages:
            said = text if sent.kind is PASSWORD else text.lower()
            self.write(who, re.sub(r"[:?!,]", " ", said))

    @property
    def places(self) -> dict[str, Callable[[Sent], None]]:
        """Everywhere."""
        return {
            "question": self.question,
            "relay": self.relay,
            "from helper": self.from_helper,
            "note": self.note,
            "name": self.name,
            "place": self.place,
            "alert place": self.alert_place,
            "caption": self.caption,
            "QR code": self.qr,
            "spoken": self.spoken,
            "first words": self.first_words,
        }


def _blank() -> bytes:
    return encoded(code("a").resize((40, 40)))


# The run -----------------------------------------------------------------------------------------


@contextmanager
def _logged() -> Iterator[io.StringIO]:
    """Everything the program logs, at its most talkative."""
    kept = io.StringIO()
    structlog.configure(
        processors=[structlog.processors.add_log_level, structlog.processors.JSONRenderer()],
        logger_factory=structlog.PrintLoggerFactory(kept),
    )
    try:
        yield kept
    finally:
        structlog.reset_defaults()


def run(folder: Path, content: Path, count: int, seed: int) -> Report:
    """Send `count` secrets through a program in `folder` and look for them."""
    sent = sentences(count, seed)
    decoys = sentences(count, seed + 1_000_003)
    places: Counter[str] = Counter()
    scans = (Scan(sent), Scan(decoys))
    with _logged() as logs, TelegramDriver(with_model(folder / "var"), content) as driver:
        # Its numbers have six digits else, and are found again as codes that nobody sent.
        driver.house.tg.last_update_id = 40_000_000
        town = Town(driver)
        names = list(town.places)
        dice = random.Random(seed)
        for number, each in enumerate(sent):
            place = names[number % len(names)]
            if place == "QR code" and (len(each.messages) > 1 or dice.randrange(_PICTURE_EVERY)):
                place = "question"
            town.places[place](each)
            places[place] += 1
            # As people do: nobody writes a hundred messages in one moment.
            driver.house.clock.forward(2)
        house = driver.house
        house.settle()
        metrics = httpx.get(f"{house.url}/metrics", trust_env=False, verify=False).content
        said = [call.params for call in house.tg.calls if call.method != "getUpdates"]
        calls = "\n".join(map(str, said)).encode()
        talk = _talk(town)
        files = {p.name: p.read_bytes() for p in sorted(folder.rglob("congdanso.db*"))}
        for scan in scans:
            for name, data in files.items():
                scan.look(f"file {name}", data)
            scan.look("metrics", metrics)
            scan.look("Bot API calls", calls)
            scan.look("tickets' talk, decrypted", talk)
            scan.look("log", logs.getvalue().encode())
    for scan in scans:
        for path in sorted(folder.rglob("congdanso.db*")):
            scan.look(f"file {path.name}, stopped", path.read_bytes())
    return Report(len(sent), places, scans[0].found, scans[1].found, scans[0].looked)


def _talk(town: Town) -> bytes:
    vault = town.house.program.runtime.vault
    rows = town.house.read(lambda c: c.execute(ticket_messages.select()).all())
    return b"\n".join(vault.open(row.payload, LINE) for row in rows if row.payload)


# False alarms and speed --------------------------------------------------------------------------


def honest(content: Path = ROOT / "content") -> list[str]:
    """Every sentence with a digit in the guides, and in what people ask (nlu/data)."""
    found: dict[str, None] = {}
    files = (
        *sorted((content / "guides").glob("*.yml")),
        *sorted((ROOT / "nlu/data").glob("*.yml")),
    )
    for file in files:
        for text in _strings(yaml.safe_load(file.read_text(encoding="utf-8"))):
            for line in text.splitlines():
                line = re.sub(r"\[([^\]]*)\](?:\([^)]*\)|\{[^}]*\})", r"\1", line).strip(" -")
                if re.search(r"\d", line) and "://" not in line:
                    found[line] = None
    return list(found)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        # Titles of sources have the numbers of newspapers' articles: nobody writes those.
        for name, each in value.items():
            yield from _strings(each) if name != "sources" else ()
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)


def slowest(seed: int, length: int = 100_000, times: int = 5) -> dict[str, float]:
    """Milliseconds of this process's time for `length` bytes of random text, by sort."""
    dice = random.Random(seed)
    letters = "abcdefghijklmnopqrstuvwxyzàáảãạđêôơư 0123456789.,:-/\n"
    words = "không chín một hai mk là otp mã 0912 345678 ơi 500.000đ 20/11/2026 Hoa@1990"
    texts = {
        "bytes": bytes(dice.randrange(256) for _ in range(length)).decode("utf-8", "replace"),
        "digits": "".join(dice.choice("0123456789 .-") for _ in range(length)),
        "letters": "".join(dice.choice(letters) for _ in range(length)),
        "words": " ".join(dice.choice(words.split()) for _ in range(length // 4)),
        "any character": "".join(chr(dice.randrange(32, 0x2FFF)) for _ in range(length)),
    }
    return {name: 1000 * _seconds(_cut(text, length), times) for name, text in texts.items()}


def _cut(text: str, length: int) -> str:
    return text.encode()[:length].decode("utf-8", "ignore")


def _seconds(text: str, times: int) -> float:
    best = float("inf")
    for _ in range(times):
        began = time.process_time()
        mask(text)
        best = min(best, time.process_time() - began)
    return best


def main() -> None:
    """Print the report; exit code 1 when anything sent was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="privacy-") as folder:
        report = run(Path(folder), ROOT / "content", arguments.count, arguments.seed)
    ways = len({each.way for each in sentences(arguments.count, arguments.seed)})
    print(f"{report.sent} secrets in {ways} ways, seed {arguments.seed}")
    print(", ".join(f"{place}: {number}" for place, number in sorted(report.by_place.items())))
    print(f"looked through: {', '.join(f'{k} {v / 1e6:.2f} MB' for k, v in report.looked.items())}")
    print(f"found: {len(report.found)}; by chance, of as many never sent: {len(report.by_chance)}")
    for place, _, way in report.found[:40]:
        print(f"  {place}: {way}")
    lines = honest()
    changed = [line for line in lines if mask(line).kinds]
    print(f"honest sentences with numbers: {len(lines)}, changed: {len(changed)}")
    for line in changed[:20]:
        print(f"  {mask(line).text}")
    for name, milliseconds in slowest(arguments.seed).items():
        print(f"100 kB of random {name}: {milliseconds:.1f} ms")
    print(f"{time.monotonic() - began:.0f} s")
    sys.exit(1 if report.found else 0)


if __name__ == "__main__":
    main()
