"""Step cards: a picture of one step of a guide, for people who would rather look than read."""
