"""Use cases: they open transactions, call the store and the dialogue, and drive the channels."""
