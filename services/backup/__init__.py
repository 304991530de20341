"""Backup and restore of the whole database: one module for each engine."""
