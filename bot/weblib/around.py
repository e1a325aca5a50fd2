"""What stands around every route."""

from __future__ import annotations

from fastapi import FastAPI

from bot.weblib.headers import Hardened
from bot.weblib.request_ids import Numbered


def wrap(app: FastAPI, *, https: bool) -> None:
    """Headers and a name for each request. `https`: browsers are to come by nothing else."""
    app.add_middleware(Hardened, https=https)
    app.add_middleware(Numbered)
