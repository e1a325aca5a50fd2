"""Step cards over HTTP: an address that follows from the picture, so it may be kept for ever."""

from __future__ import annotations

from fastapi import Response

from bot.cards.errors import CardError
from bot.services.cards import Cards

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
#: Another picture has another address.
_FOR_EVER = "public, max-age=31536000, immutable"


def card_address(digest: str) -> str:
    """Where a card is, on this server."""
    return f"/the/{digest}.png"


async def card_response(cards: Cards, digest: str) -> Response:
    """The card, or 404 for one that there is not, or that cannot be drawn."""
    try:
        png = await cards.png(digest)
    except CardError:
        return Response(status_code=404, headers={**_HEADERS, "Cache-Control": "no-store"})
    return Response(png, media_type="image/png", headers={**_HEADERS, "Cache-Control": _FOR_EVER})
