"""Places people name, matched to the places the program knows. Pure."""
