"""Commands that import messages or documents from a file."""

from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field
from pydantic_settings import CliPositionalArg

from journal_ui.cli.base_command import Command
from journal_ui.cli.console import EXIT_FAILED, EXIT_OK, print_line, progress_bar
from services import texts
from services.database.engine import Database
from services.documents.document_ingest import DOCUMENT_FORMAT
from services.ingest.file_import.file_import import import_file
from services.ingest.file_import.import_format import ImportFormat
from services.ingest.file_import.message_format import message_format
from services.ingest.table_files.text_encoding import Encoding
from services.settings import Settings


class Import(Command):
    """Import messages from a file; importing the same file again changes nothing."""

    file: CliPositionalArg[Path] = Field(
        description='.xlsx, .ods, CSV with the columns of the journal, a .gz or .zip of a CSV, - for standard input'
    )
    encoding: Encoding | None = Field(None, description='Encoding of the file; by default it is detected')
    columns: Path | None = Field(None, description='TOML that explains other titles of columns')
    refused: Path | None = Field(None, description='File for rejected rows; by default NAME.refused.csv')

    accepted_text: ClassVar[str] = texts.IMPORT_ACCEPTED

    def run(self, settings: Settings, database: Database) -> int:
        """Import the file; return EXIT_FAILED if a row was rejected."""
        with progress_bar(texts.IMPORT_PROGRESS) as report_progress:
            report = import_file(
                database,
                self.file,
                settings.zone,
                self.file_format(settings),
                encoding=self.encoding,
                mapping_path=self.columns,
                rejects_path=self.refused,
                progress=report_progress,
            )
        for line in report.describe(self.accepted_text):
            print_line(line)
        if report.rejects_path:
            print_line(texts.IMPORT_REJECTS_FILE.format(path=report.rejects_path))
        return EXIT_FAILED if report.rejected else EXIT_OK

    def file_format(self, settings: Settings) -> ImportFormat[Any]:
        """Return what the rows of the file contain."""
        return message_format(accepts_unknown_kinds=settings.unknown_kinds == 'accept')


class ImportDocuments(Import):
    """Import documents of «Журнал ИЭМК» from a file, as `import` does."""

    accepted_text: ClassVar[str] = texts.IMPORT_DOCUMENTS_ACCEPTED

    def file_format(self, settings: Settings) -> ImportFormat[Any]:
        """See Import."""
        return DOCUMENT_FORMAT
