"""Alembic's environment: run by bot.store.migrate with an open connection, or by the CLI's URL."""

from __future__ import annotations

from alembic import context

from bot.models.schema import metadata
from bot.models.types import UtcDateTime

config = context.config


def plain_types(kind: str, item: object, _context: object) -> str | bool:
    """Migrations name plain types only, so that they outlive our own classes."""
    return "sa.DateTime()" if kind == "type" and isinstance(item, UtcDateTime) else False


def run() -> None:
    """Migrate on the connection given in the configuration's attributes."""
    connection = config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        render_item=plain_types,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
