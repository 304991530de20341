"""Retention: what is removed from the database after a time, or on request of a person."""
