"""Processes that do long work beside the server: how they are started, and how they report."""
