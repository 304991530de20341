"""What the database maintains of its messages by triggers: search indexes and totals, one module for each engine."""
