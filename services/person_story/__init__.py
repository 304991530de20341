"""Everything that was sent to one person, and the calls about it, on one timeline."""
