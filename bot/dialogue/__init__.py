"""The conversation itself: `decide(state, event, facts)`, pure from end to end.

Nothing here reads a clock, a file, a database or a global; all of it comes in as `Facts`.
"""
