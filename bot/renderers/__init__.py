"""From a reply to what a platform can show. Pure."""
