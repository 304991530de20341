"""Use cases and queries, and the only place with SQL. Knows nothing of pages."""
