"""The staff console under /staff: the question log, and tickets nobody else answers."""
