"""Plain values the whole program speaks in: events, replies, state, effects. Imports nothing of ours."""
