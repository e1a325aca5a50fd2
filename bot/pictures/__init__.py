"""Pictures people send: opened within limits, and the QR codes in them. No network, no files."""
