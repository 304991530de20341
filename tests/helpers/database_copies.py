"""The types of the fixture `copy_of`, which copies a database that a function has filled."""

from collections.abc import Callable

from services.database.engine import Database

Fill = Callable[[Database], object]
CopyOf = Callable[[Fill], str]
"""Returns the URL of a copy that belongs to the test alone."""
