"""Tests mirror the code; stories in Chromium live in `browser`, figures in `benchmarks`."""
