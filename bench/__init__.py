"""Measurements by command. Always beside a named reference, in the same run."""
