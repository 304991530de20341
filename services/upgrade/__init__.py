"""Upgrade of a database to the version of the program."""
