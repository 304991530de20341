"""Why a copy is not made or not taken."""

from services import texts
from services.database.migrations import known_revisions
from services.errors import JournalError


class BackupError(JournalError):
    """A copy that cannot be made or restored; the message is for the person who asked."""


def check_revision(revision: str | None, file: object) -> None:
    """Refuse a copy whose shape this program does not know.

    Raises:
        BackupError: it is no journal, or one of a newer program.
    """
    if revision is None:
        raise BackupError(texts.RESTORE_NO_JOURNAL.format(file=file))
    if revision not in known_revisions():
        raise BackupError(texts.RESTORE_NEWER.format(file=file))
