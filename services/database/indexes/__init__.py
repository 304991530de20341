"""Search indexes and totals that triggers maintain from the messages, one module for each engine."""
