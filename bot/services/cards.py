"""Step cards for the channels: what a picture is called, what it says in words, its bytes.

A card is drawn when somebody first asks for it, on a thread of its own, and kept as a file under
var/cards by a name that follows from its content. The bytes of a card can be had by that name
alone, for a browser that comes back: as long as it is kept, was shown by this process, or belongs
to what is published now.

Errors: ContentError at start when content/cards.yml is wrong; CardError when a card is not drawn.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import structlog
from sqlalchemy import Connection

from bot.cards.cache import CardCache, is_digest
from bot.cards.card import StepCard
from bot.cards.draw import draw_step
from bot.cards.errors import CardError
from bot.cards.payment import draw_payment
from bot.cards.style import HEIGHT, WIDTH
from bot.cards.words import CardWords, load_card_words
from bot.domain.replies import PaymentPicture, StepPicture
from bot.guides.content import Content
from bot.guides.pictures import all_pictures
from bot.services.publishing import Publisher
from bot.services.runtime import Runtime
from bot.store import alerts

log = structlog.get_logger(__name__)

_REMEMBER = 1000
_MEGABYTE = 1_000_000
#: SQLite and PostgreSQL keep ids in 63 bits.
_ID_MOST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class ShownCard:
    """What a channel needs to show a picture; `digest` is its name, `alt` what it says."""

    digest: str
    alt: str
    width: int = WIDTH
    height: int = HEIGHT


class Cards:
    """All step cards of this process."""

    def __init__(self, runtime: Runtime, publisher: Publisher) -> None:
        settings = runtime.settings
        self._runtime = runtime
        self._publisher = publisher
        self._count = runtime.metrics.cards
        menu = publisher.content.menu
        self._words = load_card_words(settings.content_dir / "cards.yml", [g.id for g in menu])
        self._cache = CardCache(settings.var_dir / "cards", settings.cards_mb * _MEGABYTE)
        self._shown: OrderedDict[str, StepCard] = OrderedDict()
        self._published: tuple[Content | None, CardWords, dict[str, StepCard]]
        self._published = (None, self._words, {})
        # One thread: several would only slow down what answers people.
        self._thread = ThreadPoolExecutor(1, "cards")

    def use(self, words: CardWords) -> None:
        """Cards say these words from now on."""
        self._words = words

    def show(self, picture: StepPicture) -> ShownCard:
        """What a channel needs to show this picture. Nothing is drawn yet."""
        card = _card(picture, self._publisher.content, self._words)
        digest = card.digest
        self._shown[digest] = card
        self._shown.move_to_end(digest)
        while len(self._shown) > _REMEMBER:
            self._shown.popitem(last=False)
        return ShownCard(digest, self._words.alt_for(picture))

    def alt(self, picture: StepPicture) -> str:
        """What the picture says, in words."""
        return self._words.alt_for(picture)

    async def png(self, digest: str) -> bytes:
        """The bytes of a card that was shown or is published. CardError."""
        if not is_digest(digest):
            raise CardError("not the name of a card")
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._png, digest)

    async def payment(self, picture: PaymentPicture) -> bytes:
        """A seller's payment code as PNG, drawn anew each time and kept nowhere. CardError."""
        loop = asyncio.get_running_loop()
        try:
            png = await loop.run_in_executor(self._thread, draw_payment, picture)
        except CardError as error:
            self._count.labels("failed").inc()
            log.warning("payment code not drawn", error=str(error)[:80])
            raise
        self._count.labels("drawn").inc()
        return png

    async def alert(self, alert_id: int) -> bytes | None:
        """The picture of an alert that was sent, as JPEG; None when there is none."""

        def work(connection: Connection) -> bytes | None:
            found = alerts.find(connection, alert_id)
            return alerts.picture(connection, alert_id) if found and found.sent_at else None

        return await self._runtime.db.read(work) if 0 < alert_id <= _ID_MOST else None

    def stop(self) -> None:
        """Draw no more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    # On the cards' own thread ----------------------------------------------------------------

    def _png(self, digest: str) -> bytes:
        kept = self._cache.get(digest)
        if kept is not None:
            self._count.labels("kept").inc()
            return kept
        card = self._shown.get(digest) or self._of_published(digest)
        if card is None:
            # Not counted: anybody can ask for a card there never was.
            raise CardError("no such card")
        try:
            png = draw_step(card)
        except CardError as error:
            self._count.labels("failed").inc()
            log.warning("card not drawn", guide=card.guide, step=card.step, error=str(error)[:80])
            raise
        self._count.labels("drawn").inc()
        if not self._cache.put(digest, png):
            log.warning("card not kept", hint="can var/cards be written?")
        return png

    def _of_published(self, digest: str) -> StepCard | None:
        content, words = self._publisher.content, self._words
        if self._published[0] is not content or self._published[1] is not words:
            cards = (
                _card(picture, content, words)
                for guide in content.guides.values()
                for picture in all_pictures(content, guide)
            )
            self._published = (content, words, {card.digest: card for card in cards})
        return self._published[2].get(digest)


def _card(picture: StepPicture, content: Content, words: CardWords) -> StepCard:
    groups = (group.id for group in content.menu if picture.guide_id in group.guides)
    return words.card(picture, next(groups, ""))
