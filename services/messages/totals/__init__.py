"""The count and the cost of the messages that a search finds, from totals that the database maintains."""
