"""Structured logs on stderr. What people write, their ids and secrets are never logged."""

from __future__ import annotations

import logging
import sys

import structlog


def configure(level: str) -> None:
    """Readable lines on a terminal, JSON lines elsewhere."""
    terminal = sys.stderr.isatty()
    renderer: structlog.types.Processor
    renderer = structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    # Libraries: warnings only. httpx logs addresses, and a bot's address holds its token.
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(name)s: %(message)s")
    for noisy in ("httpx", "httpcore", "telegram", "apscheduler", "alembic"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
