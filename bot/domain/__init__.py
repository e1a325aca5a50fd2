"""Plain values the program speaks in: events, replies, state, effects. Imports nothing of ours."""
