"""Copies of the whole database and their restoration: one module for each engine."""
