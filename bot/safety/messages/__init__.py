"""What in a forwarded message speaks for a swindle, and which kind it resembles. Pure."""
