"""Commands for those who look after the program: copies, retention, a recount."""

import sys
from datetime import datetime
from pathlib import Path

from pydantic import Field
from pydantic_settings import CliPositionalArg

from journal_ui.cli.base_command import Apart, Command
from journal_ui.cli.console import FAILED, OK, Failed, progress, say
from services import texts
from services.backup import backup_and_restore
from services.database.engine import Database
from services.formats import day, whole
from services.retention import Purged, Retention, months_before, parse_age
from services.settings import Settings
from services.verification.check_result import Finding
from services.verification.check_runner import verify


class Backup(Apart):
    """Copy the database to a file while it is in use; the copy is checked."""

    file: CliPositionalArg[Path] = Field(description='Where the copy goes; nothing may be there yet')

    def run_apart(self, settings: Settings) -> int:
        """Copy, whatever shape the database has: that of an older program too."""
        with progress(texts.BACKUP_PROGRESS) as show:
            backup_and_restore.back_up(settings.database_url, self.file, show)
        say(texts.BACKUP_DONE.format(file=self.file))
        return OK


class Restore(Apart):
    """Check a copy, then put it in the place of the database; the program must not run meanwhile."""

    file: CliPositionalArg[Path] = Field(description='A copy made by backup')
    yes: bool = Field(False, description='Do not ask')

    def run_apart(self, settings: Settings) -> int:
        """Restore; migrations are applied at the next start."""
        backup_and_restore.check(settings.database_url, self.file, settings.timezone)
        say(texts.RESTORE_WHAT.format(database=settings.database_shown, file=self.file))
        _ask(self.yes)
        with progress(texts.RESTORE_PROGRESS) as show:
            before = backup_and_restore.restore(settings.database_url, self.file, show)
        say(texts.RESTORE_DONE.format(file=self.file))
        if before:
            say(texts.RESTORE_KEPT.format(file=before))
        return OK


class Purge(Command):
    """Remove the person from old messages, in small steps while the product runs; sums stay."""

    older_than: str = Field(description='The age in months from which on: 36mo')
    yes: bool = Field(False, description='Do not ask')

    def run(self, settings: Settings, database: Database) -> int:
        """Say how many, ask, and blank them."""
        try:
            before = months_before(datetime.now(settings.zone).date(), parse_age(self.older_than))
        except ValueError as error:
            raise Failed(str(error)) from None
        retention = Retention(database, settings.zone)
        old = retention.old(before)
        if not (old.messages or old.documents or old.receipts):
            say(texts.PURGE_NOTHING.format(before=day(before)))
            return OK
        counts = {name: whole(getattr(old, name)) for name in Purged._fields}
        say(texts.PURGE_COUNT.format(before=day(before), **counts))
        say(texts.PURGE_WHAT)
        _ask(self.yes)
        with progress(texts.PURGE_PROGRESS) as show:
            purged = retention.purge(old, show)
        say(texts.PURGE_DONE.format(**{name: whole(count) for name, count in purged._asdict().items()}))
        return OK


class Verify(Command):
    """Recount every total and check everything that must agree; status 1 when something does not."""

    def run(self, settings: Settings, database: Database) -> int:
        """Recount."""
        with progress(texts.VERIFY_PROGRESS) as show:
            findings = verify(database, settings.zone, show)
        for finding in findings:
            for line in said_finding(finding):
                say(line)
        wrong = any(finding.count for finding in findings)
        say(texts.VERIFY_NOT_OK if wrong else texts.VERIFY_ALL_OK)
        return FAILED if wrong else OK


def said_finding(finding: Finding) -> list[str]:
    """Say in lines what a check came to."""
    title = texts.VERIFY_WRONG if finding.count else texts.VERIFY_OK
    lines = [title.format(title=finding.title, count=whole(finding.count))]
    lines += [texts.VERIFY_LINE.format(line=line) for line in (*finding.differences, *finding.notes)]
    if more := finding.count - len(finding.differences):
        lines.append(texts.VERIFY_MORE.format(count=whole(more)))
    return lines


def _ask(agreed: bool) -> None:
    """Ask the person whether to go on.

    Raises:
        Failed: no, or there is nobody to ask.
    """
    if agreed:
        return
    if not sys.stdin.isatty():
        raise Failed(texts.NOT_ASKED)
    if input(texts.ASK_YES).strip().lower() != texts.YES:
        raise Failed(texts.REFUSED_BY_PERSON)
