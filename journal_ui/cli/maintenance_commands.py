"""Commands for maintenance: backup, restore, removal of personal data, verification."""

import sys
from datetime import datetime
from pathlib import Path

from pydantic import Field
from pydantic_settings import CliPositionalArg

from journal_ui.cli.base_command import Command, StandaloneCommand
from journal_ui.cli.console import EXIT_FAILED, EXIT_OK, CommandError, print_line, progress_bar
from services import texts
from services.backup import backup_and_restore
from services.database.engine import Database
from services.formats import day, integer
from services.retention import PurgeResult, Retention, months_before, parse_age
from services.settings import Settings
from services.verification.check_result import CheckResult
from services.verification.check_runner import verify


class Backup(StandaloneCommand):
    """Back up the database to a file while it is in use, and check the backup."""

    file: CliPositionalArg[Path] = Field(description='The file to create; it must not exist')

    def run_standalone(self, settings: Settings) -> int:
        """Back up the database without migrating it, also one of an older version."""
        with progress_bar(texts.BACKUP_PROGRESS) as report_progress:
            backup_and_restore.back_up(settings.database_url, self.file, report_progress)
        print_line(texts.BACKUP_DONE.format(file=self.file))
        return EXIT_OK


class Restore(StandaloneCommand):
    """Check a backup, then replace the database by it; the program must not be running."""

    file: CliPositionalArg[Path] = Field(description='A file made by the command backup')
    yes: bool = Field(False, description='Do not ask for confirmation')

    def run_standalone(self, settings: Settings) -> int:
        """Restore the backup; migrations are applied at the next start."""
        backup_and_restore.check_backup(settings.database_url, self.file, settings.timezone)
        print_line(texts.RESTORE_WARNING.format(database=settings.redacted_database_url, file=self.file))
        _confirm(self.yes)
        with progress_bar(texts.RESTORE_PROGRESS) as report_progress:
            previous_database = backup_and_restore.restore(settings.database_url, self.file, report_progress)
        print_line(texts.RESTORE_DONE.format(file=self.file))
        if previous_database:
            print_line(texts.RESTORE_PREVIOUS.format(file=previous_database))
        return EXIT_OK


class Purge(Command):
    """Remove personal data from old messages, in small steps while the program runs; totals do not change."""

    older_than: str = Field(description='Minimum age in months, such as 36mo')
    yes: bool = Field(False, description='Do not ask for confirmation')

    def run(self, settings: Settings, database: Database) -> int:
        """Print how many messages are affected, ask for confirmation, and remove the data."""
        try:
            before = months_before(datetime.now(settings.zone).date(), parse_age(self.older_than))
        except ValueError as error:
            raise CommandError(str(error)) from None
        retention = Retention(database, settings.zone)
        old = retention.count_expired(before)
        if not (old.messages or old.documents or old.receipts):
            print_line(texts.PURGE_NOTHING.format(before=day(before)))
            return EXIT_OK
        counts = {name: integer(getattr(old, name)) for name in PurgeResult._fields}
        print_line(texts.PURGE_COUNT.format(before=day(before), **counts))
        print_line(texts.PURGE_WARNING)
        _confirm(self.yes)
        with progress_bar(texts.PURGE_PROGRESS) as report_progress:
            purged = retention.purge(old, report_progress)
        print_line(texts.PURGE_DONE.format(**{name: integer(count) for name, count in purged._asdict().items()}))
        return EXIT_OK


class Verify(Command):
    """Recount all totals and check the consistency of the database; exit with status 1 on a difference."""

    def run(self, settings: Settings, database: Database) -> int:
        """Run all checks and print their results."""
        with progress_bar(texts.VERIFY_PROGRESS) as report_progress:
            findings = verify(database, settings.zone, report_progress)
        for finding in findings:
            for line in format_finding(finding):
                print_line(line)
        has_differences = any(finding.count for finding in findings)
        print_line(texts.VERIFY_NOT_OK if has_differences else texts.VERIFY_ALL_OK)
        return EXIT_FAILED if has_differences else EXIT_OK


def format_finding(finding: CheckResult) -> list[str]:
    """Format the result of a check as lines of text."""
    title = texts.VERIFY_WRONG if finding.count else texts.VERIFY_OK
    lines = [title.format(title=finding.title, count=integer(finding.count))]
    lines += [texts.VERIFY_LINE.format(line=line) for line in (*finding.differences, *finding.notes)]
    if more := finding.count - len(finding.differences):
        lines.append(texts.VERIFY_MORE.format(count=integer(more)))
    return lines


def _confirm(assume_yes: bool) -> None:
    """Ask the user for confirmation.

    Raises:
        CommandError: the user declined, or the standard input is no terminal.
    """
    if assume_yes:
        return
    if not sys.stdin.isatty():
        raise CommandError(texts.CONFIRM_NO_TERMINAL)
    if input(texts.CONFIRM_PROMPT).strip().lower() != texts.CONFIRM_YES:
        raise CommandError(texts.CONFIRM_DECLINED)
