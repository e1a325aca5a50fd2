"""Rosters of teams and members as spreadsheets: the form, reading it, writing it, and what a file
changes. Pure but for reading and writing the file itself.
"""
