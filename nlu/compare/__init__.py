"""Engines beside each other: trained on the same sentences, measured on the same unseen ones."""
