"""The exceptions of the program: one root, and the families that callers catch.

A module that has an error of its own derives it from one of these classes and keeps it beside the code that raises it.
"""


class JournalError(Exception):
    """The root of every error that this program raises on purpose."""


class DatabaseError(JournalError):
    """The database did not do what was asked, and nothing was changed; trying again later may succeed."""


class QueryTimeoutError(DatabaseError):
    """The query exceeded its time limit and was cancelled; the user is asked to narrow the search."""


class DatabaseUnavailableError(DatabaseError):
    """The database cannot be reached, or refused the connection or the write."""


class InvalidInputError(JournalError):
    """Input that the program does not accept; `str(error)` is a sentence for the user who gave it, unless noted."""
