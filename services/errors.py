"""The exceptions of the program: one root, and the families that callers catch.

A module with an error of its own derives it from one of these classes and defines it next to the code that raises it.
"""


class JournalError(Exception):
    """The root of all errors that this program raises on purpose."""


class DatabaseError(JournalError):
    """The database did not complete the operation and changed nothing; a later attempt may succeed."""


class QueryTimeoutError(DatabaseError):
    """The query exceeded its time limit and was cancelled; the user should narrow the search."""


class DatabaseUnavailableError(DatabaseError):
    """The database cannot be reached, or it rejected the connection or the write."""


class DatabaseTimeoutError(DatabaseUnavailableError):
    """The database did not answer within the time limit of the program; it may be frozen, or have vanished."""


class InvalidInputError(JournalError):
    """Invalid input; unless a subclass says otherwise, `str(error)` is a sentence for the user who entered it."""
