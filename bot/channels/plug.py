"""What the program asks of a platform it is plugged into; docs/channels.md shows how to add one."""

from __future__ import annotations

from typing import Protocol

from fastapi import APIRouter


class Plug(Protocol):
    """A platform at work in this process. Making one registers its ways out (`Delivery.add`) and
    how its pictures are fetched; it talks to nobody before `run`."""

    @property
    def name(self) -> str:
        """The channel's name, as in `ChatKey.channel` and in /readyz."""

    @property
    def state(self) -> str:
        """For /readyz: "ok", or in a few words what is wrong and what to do."""

    def router(self) -> APIRouter:
        """The platform's routes; none for a platform that is polled."""

    async def run(self) -> None:
        """What is done in the background, until it is cancelled. Never raises."""

    async def close(self) -> None:
        """Close the connections; nothing is sent afterwards."""
