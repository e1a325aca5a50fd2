"""Step cards over HTTP: an address that follows from the picture, so it may be kept for ever."""

from __future__ import annotations

import base64

from fastapi import Response

from bot.cards.errors import CardError
from bot.cards.payment import HEIGHT, WIDTH
from bot.domain.alerts import AlertPhoto
from bot.domain.replies import PaymentPicture
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


def alert_photo(photo: AlertPhoto) -> dict[str, object]:
    """The picture of an alert as the page is told of it."""
    return {
        "src": f"/alert/{photo.alert_id}.jpg",
        "alt": photo.alt,
        "width": photo.width,
        "height": photo.height,
    }


async def alert_response(cards: Cards, alert_id: int) -> Response:
    """The picture of an alert that was sent, or 404."""
    jpeg = await cards.alert(alert_id)
    if jpeg is None:
        return Response(status_code=404, headers={**_HEADERS, "Cache-Control": "no-store"})
    # Once sent it never changes.
    headers = {**_HEADERS, "Cache-Control": _FOR_EVER}
    return Response(jpeg, media_type="image/jpeg", headers=headers)


async def payment_inline(cards: Cards, picture: PaymentPicture) -> dict[str, object] | None:
    """A seller's payment code inside the message: there is no address it could be had from later.

    None when it cannot be drawn.
    """
    try:
        png = await cards.payment(picture)
    except CardError:
        return None
    return {
        "src": f"data:image/png;base64,{base64.b64encode(png).decode()}",
        "alt": picture.alt,
        "width": WIDTH,
        "height": HEIGHT,
    }
