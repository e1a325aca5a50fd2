"""What every web page of the program shares: headers, size limits, templates."""
