"""Everything that touches the database: one writer for SQLite, a small pool for PostgreSQL.

Queries live here and nowhere else; functions take an open `Connection` and never commit. The
transaction is opened by `Database.write` and `Database.read`, called by services.
"""
