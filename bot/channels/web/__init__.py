"""The web chat: no account, a cookie only; the browser pulls and acknowledges."""
