"""Structured logs on stderr. What people write, their ids and secrets are never logged."""

from __future__ import annotations

import asyncio
import logging
import re
import sys

import structlog

_HIDDEN = "******"
_SHOWN = (str, int, float, bool, type(None))
#: What may stand in an error's text or an address: a bot's token, a password, a key.
_SECRETS = (
    (re.compile(r"/bot[^/\s\"']+"), f"/bot{_HIDDEN}"),
    (re.compile(r"(?i)\b(bearer|basic) [^\s\"',]+"), rf"\1 {_HIDDEN}"),
    (re.compile(r"(://)[^/\s@\"']*@"), rf"\1{_HIDDEN}@"),
    (
        re.compile(r"(?i)\b(\w*(?:token|secret|password|passwd|key))(=|\": ?\"|': ?')[^\s&\"',]+"),
        rf"\1\2{_HIDDEN}",
    ),
)
_NAMED = re.compile(r"(?i)token|secret|password|cookie|authorization|(^|_)key$")


def scrubbed(text: str) -> str:
    """A text without what looks like a secret in it."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


def without_secrets(
    _logger: object, _method: str, line: structlog.types.EventDict
) -> structlog.types.EventDict:
    """A line as it may be kept: what a library's error says may hold an address with a token."""
    for name, value in line.items():
        if _NAMED.search(name):
            line[name] = _HIDDEN
        elif isinstance(value, str) or not isinstance(value, _SHOWN):
            line[name] = scrubbed(value if isinstance(value, str) else repr(value))
    return line


def of_a_fault(record: logging.LogRecord) -> bool:
    """Whether a library's line tells of a fault. A job that the program's own end cut off is none,
    though APScheduler logs it as an error with all its calls."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, asyncio.CancelledError)


class _Scrubbing(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return scrubbed(super().format(record))


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
            without_secrets,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    # Libraries: warnings only. httpx logs addresses, and a bot's address holds its token.
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Scrubbing("%(name)s: %(message)s"))
    handler.addFilter(of_a_fault)
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    for noisy in ("httpx", "httpcore", "telegram", "apscheduler", "alembic"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
