"""Whose messages a user or a token may read: the organisations to which they are bound."""
