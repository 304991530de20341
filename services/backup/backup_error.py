"""Why a copy is not made or not taken."""

from services import texts
from services.database.migrations import known_revisions


class BackupRefused(Exception):
    """A copy that cannot be made or restored; the message is for the person who asked."""


def check_revision(revision: str | None, file: object) -> None:
    """Refuse a copy whose shape this program does not know.

    Raises:
        BackupRefused: it is no journal, or one of a newer program.
    """
    if revision is None:
        raise BackupRefused(texts.RESTORE_NO_JOURNAL.format(file=file))
    if revision not in known_revisions():
        raise BackupRefused(texts.RESTORE_NEWER.format(file=file))
