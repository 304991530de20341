"""Reading of messages by programs: pages by sort key, the feed of changes, conditions by name."""
