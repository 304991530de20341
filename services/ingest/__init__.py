"""Ingest of messages and status updates: parsing, validation, merging and recording."""
