"""Commands that put messages into the journal: from a file, or made up."""

from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field
from pydantic_settings import CliPositionalArg

from journal_ui.cli.base_command import Command
from journal_ui.cli.console import EXIT_FAILED, EXIT_OK, CommandError, print_line, progress_bar
from services import texts
from services.database.engine import Database
from services.demo import demo_data
from services.documents.document_ingest import DOCUMENT_FORMAT
from services.formats import integer
from services.ingest.csv_import.file_import import MESSAGE_FORMAT, ImportFormat, ImportReport, import_file
from services.settings import Settings


class Import(Command):
    """Take messages in from a CSV file; taking the same file in again changes nothing."""

    file: CliPositionalArg[Path] = Field(description='CSV in UTF-8 or Windows-1251 with the columns of the journal')
    refused: Path | None = Field(None, description='Where refused rows go; NAME.refused.csv beside the file by default')

    file_format: ClassVar[ImportFormat[Any]] = MESSAGE_FORMAT
    accepted_text: ClassVar[str] = texts.IMPORT_ACCEPTED

    def run(self, settings: Settings, database: Database) -> int:
        """Import; some refused rows make it a failure."""
        with progress_bar(texts.IMPORT_PROGRESS) as report_progress:
            report = import_file(
                database,
                self.file,
                settings.zone,
                self.file_format,
                rejects_path=self.refused,
                progress=report_progress,
            )
        for line in format_import_report(report, self.accepted_text):
            print_line(line)
        return EXIT_FAILED if report.rejected else EXIT_OK


class ImportDocuments(Import):
    """Take documents of «Журнал ИЭМК» in from a CSV file, in the manner of `import`."""

    file_format: ClassVar[ImportFormat[Any]] = DOCUMENT_FORMAT
    accepted_text: ClassVar[str] = texts.IMPORT_DOCUMENTS_ACCEPTED


class Demo(Command):
    """Fill an empty database with made-up messages; the one of --demo unless another is named."""

    messages: int = Field(20_000, ge=1, description='How many')
    seed: int = Field(20211010, description='The same number gives the same messages')

    def run(self, settings: Settings, database: Database) -> int:
        """Fill the database."""
        try:
            fill_demonstration(settings, database, self.messages, self.seed)
        except demo_data.JournalNotEmptyError:
            raise CommandError(texts.DEMO_NOT_EMPTY.format(database=settings.redacted_database_url)) from None
        print_line(texts.DEMO_FILLED.format(count=integer(self.messages), database=settings.redacted_database_url))
        return EXIT_OK


def fill_demonstration(settings: Settings, database: Database, count: int = 20_000, seed: int = 20211010) -> None:
    """Fill an empty database with made-up messages of the last three months; raises as services.demo.demo_data.fill does."""
    today = datetime.now(settings.zone).date()
    with progress_bar(texts.DEMO_PROGRESS) as report_progress:
        demo_data.fill_journal(database, settings.zone, today=today, count=count, seed=seed, progress=report_progress)


def format_import_report(report: ImportReport, accepted_text: str) -> list[str]:
    """Say in lines what an import came to; `said` tells how many were accepted."""
    accepted = report.created + report.updated + report.unchanged
    lines = [accepted_text.format(count=integer(accepted))]
    if accepted and accepted == report.unchanged:
        lines.append(texts.IMPORT_NOTHING_NEW)
    elif accepted:
        parts = {'created': report.created, 'updated': report.updated, 'unchanged': report.unchanged}
        lines.append(texts.IMPORT_PARTS.format(**{name: integer(count) for name, count in parts.items()}))
    lines.append(texts.IMPORT_REJECTED.format(count=integer(report.rejected)))
    if report.rejects_path:
        lines.append(texts.IMPORT_REJECTS_FILE.format(path=report.rejects_path))
    return lines
