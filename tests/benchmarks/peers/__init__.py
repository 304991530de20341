"""The journal beside ready-made list tools over the same messages: `make bench-peers`."""
