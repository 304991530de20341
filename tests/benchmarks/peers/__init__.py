"""Comparison of the journal with other list tools over the same messages: `make bench-peers`."""
