"""Commands for maintenance: backup, restore, removal of personal data, verification."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import Field
from pydantic_settings import CliPositionalArg

from journal_ui.cli.base_command import Command, StandaloneCommand
from journal_ui.cli.console import EXIT_FAILED, EXIT_OK, CommandError, confirm, print_line, progress_bar
from services import texts
from services.accounts.secret_columns import forget_data_key
from services.backup import backup_and_restore
from services.backup.backup_encryption import read_passphrase
from services.composition import load_data_key
from services.database.engine import Database
from services.formats import date_and_minute, day, integer
from services.retention.purge import Retention, months_before, parse_age
from services.settings import Settings
from services.verification.check_result import CheckResult
from services.verification.check_runner import record_verification, verify


class Backup(StandaloneCommand):
    """Back up the database to a file while it is in use, and check the backup."""

    file: CliPositionalArg[Path] = Field(description='The file to create; it must not exist')
    encrypt: bool = Field(False, description='Encrypt it with the passphrase of JOURNAL_BACKUP_KEY_FILE')

    def run_standalone(self, settings: Settings) -> int:
        """Back up the database without migrating it, also one of an older version."""
        encryption = _encryption(settings) if self.encrypt else None
        with progress_bar(texts.BACKUP_PROGRESS) as report_progress:
            recorded = backup_and_restore.back_up(settings.direct_url, self.file, report_progress, encryption)
        print_line(texts.BACKUP_DONE.format(file=self.file))
        if not recorded:
            print_line(texts.BACKUP_NOT_RECORDED)
        return EXIT_OK


class Restore(StandaloneCommand):
    """Check a backup, then replace the database by it; the program must not be running."""

    file: CliPositionalArg[Path] = Field(description='A file made by the command backup')
    yes: bool = Field(False, description='Do not ask for confirmation')

    def run_standalone(self, settings: Settings) -> int:
        """Restore the backup, and record that in the restored database."""
        with backup_and_restore.decrypted_backup(self.file, lambda: _encryption(settings)) as backup:
            backup_and_restore.check_backup(settings.database_url, backup, settings.timezone)
            print_line(texts.RESTORE_WARNING.format(database=settings.redacted_database_url, file=self.file))
            confirm(self.yes)
            with progress_bar(texts.RESTORE_PROGRESS) as report_progress:
                previous_database = backup_and_restore.restore(
                    settings.direct_url, backup, report_progress, name=self.file
                )
        print_line(texts.RESTORE_DONE.format(file=self.file))
        if previous_database:
            print_line(texts.RESTORE_PREVIOUS.format(file=previous_database))
        if anchor := backup_and_restore.set_anchor_aside(settings.database_url, settings.storage_folder):
            print_line(texts.RESTORE_ANCHOR.format(file=anchor))
        return EXIT_OK


class DataKeyReset(Command):
    """Forget a lost data key: remove every second factor, which only that key can read."""

    yes: bool = Field(False, description='Do not ask for confirmation')

    def run(self, settings: Settings, database: Database) -> int:
        """Print what is lost, ask for confirmation, and remove it."""
        print_line(texts.DATA_KEY_RESET_WARNING)
        confirm(self.yes)
        print_line(texts.DATA_KEY_RESET_DONE.format(count=integer(forget_data_key(database))))
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
        names_before, key = None, None
        if settings.audit_names_days:
            names_before = datetime.now(UTC) - timedelta(days=settings.audit_names_days)
            key = load_data_key(settings, database)
        retention = Retention(database, settings.zone, names_before=names_before, data_key=key)
        old = retention.count_expired(before)
        if not any(old.counts):
            print_line(texts.PURGE_NOTHING.format(before=day(before)))
            return EXIT_OK
        print_line(texts.PURGE_COUNT.format(before=day(before), counts=old.counts.describe()))
        if names_before and old.counts.records:
            print_line(texts.PURGE_NAMES_BEFORE.format(before=date_and_minute(names_before, settings.zone)))
        print_line(texts.PURGE_WARNING)
        confirm(self.yes)
        with progress_bar(texts.PURGE_PROGRESS) as report_progress:
            purged = retention.purge(old, report_progress)
        print_line(texts.PURGE_DONE.format(counts=purged.describe()))
        return EXIT_OK


class Verify(Command):
    """Recount all totals and check the consistency of the database; exit with status 1 on a difference."""

    def run(self, settings: Settings, database: Database) -> int:
        """Run all checks and print their results."""
        with progress_bar(texts.VERIFY_PROGRESS) as report_progress:
            findings = verify(database, settings.zone, report_progress)
        # The differences name messages.
        record_verification(database, findings)
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


def _encryption(settings: Settings) -> backup_and_restore.Encryption:
    """Return how backups are encrypted; raises as `read_passphrase` does."""
    return backup_and_restore.Encryption(read_passphrase(settings.backup_key_file), settings.storage_folder)
