"""Understanding of Vietnamese messages; importing the package loads nothing."""
