"""Ways in and out. Each channel translates, and knows nothing of the others."""
