"""Searches that the journal of messages offers besides the one that was run."""
