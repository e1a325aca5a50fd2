"""Is this link a swindle? Rules, a small model and lists, without any request to the network."""
