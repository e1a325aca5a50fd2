"""Roles on PostgreSQL: the queue, shared rates, one scheduler of several."""
