"""Use cases: they open transactions, call the store and the pure dialogue, and drive the channels."""
