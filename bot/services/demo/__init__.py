"""Invented data in any amount, to try the console with: nothing of it is of real people."""
