"""Tickets as rules: what may be done with one, by when, who is next, the words that prove a helper.

Pure but for reading the files of content/: no database, no clock of its own.
"""
