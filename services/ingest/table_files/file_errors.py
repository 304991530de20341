"""The errors of reading a file."""

from services.errors import InvalidInputError, JournalError


class InvalidFileError(InvalidInputError):
    """A file that cannot be imported at all; its only argument is a sentence for the user."""


class RowTooLongError(JournalError):
    """The current row is longer than MAX_ROW_BYTES."""


class LineTooLongError(RowTooLongError):
    """A line is longer than MAX_LINE_BYTES."""


class UnknownEncodingError(JournalError):
    """The first lines are not UTF-8, and no other encoding makes more of them titles of columns."""
