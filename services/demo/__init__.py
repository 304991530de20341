"""Demonstration data: made-up patients, messages and documents."""
