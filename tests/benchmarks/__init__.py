"""Benchmarks of the journal: `make bench`, or `SCALE=10000000 make bench` for the full size."""
