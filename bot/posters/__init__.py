"""Posters that bring a hamlet's people to the assistant: words, drawing."""
