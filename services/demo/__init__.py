"""Demonstration data: invented patients, messages and documents."""
