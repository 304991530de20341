"""The error of backup and restore, and the check of the schema revision."""

from services import texts
from services.errors import JournalError
from services.upgrade.migrations import known_revisions


class BackupError(JournalError):
    """A backup cannot be created or restored; the message is for the user."""


def check_revision(revision: str | None, file: object) -> None:
    """Check that this program knows the schema revision of a backup.

    Raises:
        BackupError: the file is not a journal, or it was made by a newer version of the program.
    """
    if revision is None:
        raise BackupError(texts.RESTORE_NO_JOURNAL.format(file=file))
    if revision not in known_revisions():
        raise BackupError(texts.RESTORE_NEWER.format(file=file))
