"""The tables, as SQLAlchemy Core metadata; `migrations/` makes them and a test compares the two."""
