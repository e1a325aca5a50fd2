"""what is told of a ticket may be sealed with another data key, and in no other way be changed

Revision: 0017, after 0015
"""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0015"
branch_labels = None
depends_on = None

#: A change of keys is under way (bot.store.data_keys notes which keys are needed).
_CHANGING = "SELECT 1 FROM cursors WHERE name LIKE 'data\\_key\\_before:%' ESCAPE '\\'"
_SAME_SQLITE = (
    "NEW.id <> OLD.id OR NEW.ticket_id <> OLD.ticket_id OR NEW.at <> OLD.at "
    "OR NEW.kind <> OLD.kind OR NEW.actor_kind <> OLD.actor_kind "
    "OR NEW.actor_id IS NOT OLD.actor_id OR NEW.rung <> OLD.rung"
)
_SAME_POSTGRESQL = _SAME_SQLITE.replace("IS NOT OLD", "IS DISTINCT FROM OLD")
_RAISE_SQLITE = "BEGIN SELECT RAISE(ABORT, 'ticket_events is append-only'); END"
_UPDATE_SQLITE = "CREATE TRIGGER ticket_events_no_update BEFORE UPDATE ON ticket_events WHEN "
_UPDATE_POSTGRESQL = (
    "CREATE TRIGGER ticket_events_no_update BEFORE UPDATE ON ticket_events FOR EACH ROW WHEN "
)


def upgrade() -> None:
    """To this revision."""
    op.execute(_drop())
    if _sqlite():
        op.execute(
            f"{_UPDATE_SQLITE}{_SAME_SQLITE} OR (NEW.data IS NOT NULL "
            f"AND NOT (OLD.data IS NOT NULL AND EXISTS ({_CHANGING}))) {_RAISE_SQLITE}"
        )
        return
    op.execute(
        "CREATE FUNCTION ticket_events_resealed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF OLD.data IS NULL OR NOT EXISTS ({_CHANGING}) THEN "
        "RAISE EXCEPTION 'ticket_events is append-only'; END IF; RETURN NEW; END $$"
    )
    op.execute(
        f"{_UPDATE_POSTGRESQL}({_SAME_POSTGRESQL}) EXECUTE FUNCTION ticket_events_append_only()"
    )
    op.execute(
        "CREATE TRIGGER ticket_events_resealed BEFORE UPDATE ON ticket_events FOR EACH ROW "
        "WHEN (NEW.data IS NOT NULL) EXECUTE FUNCTION ticket_events_resealed()"
    )


def downgrade() -> None:
    """Back to the one before."""
    op.execute(_drop())
    if _sqlite():
        op.execute(f"{_UPDATE_SQLITE}NEW.data IS NOT NULL OR {_SAME_SQLITE} {_RAISE_SQLITE}")
        return
    op.execute("DROP TRIGGER ticket_events_resealed ON ticket_events")
    op.execute("DROP FUNCTION ticket_events_resealed()")
    op.execute(
        f"{_UPDATE_POSTGRESQL}(NEW.data IS NOT NULL OR {_SAME_POSTGRESQL}) "
        "EXECUTE FUNCTION ticket_events_append_only()"
    )


def _sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _drop() -> str:
    return "DROP TRIGGER ticket_events_no_update" + ("" if _sqlite() else " ON ticket_events")
