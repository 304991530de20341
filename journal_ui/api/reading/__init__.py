"""Endpoints by which programs read: lists of messages, changes, dictionaries, totals."""
