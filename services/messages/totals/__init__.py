"""How many messages a search finds and what they cost, from the totals that the database maintains."""
