"""Real processes killed under load; the fake server's log is the witness."""
