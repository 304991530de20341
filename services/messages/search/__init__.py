"""How a search is planned: what was typed, how common it is, by which access path its rows are reached."""
