"""Commands that put messages into the journal: from a file, or made up."""

from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field
from pydantic_settings import CliPositionalArg

from journal_ui.cli.base_command import Command
from journal_ui.cli.console import FAILED, OK, Failed, progress, say
from services import texts
from services.database.engine import Database
from services.demo import demo_data
from services.documents.document_ingest import DOCUMENTS
from services.formats import whole
from services.ingest.csv_import.file_import import MESSAGES, Format, ImportReport, import_file
from services.settings import Settings


class Import(Command):
    """Take messages in from a CSV file; taking the same file in again changes nothing."""

    file: CliPositionalArg[Path] = Field(description='CSV in UTF-8 or Windows-1251 with the columns of the journal')
    refused: Path | None = Field(None, description='Where refused rows go; NAME.refused.csv beside the file by default')

    format: ClassVar[Format[Any]] = MESSAGES
    accepted: ClassVar[str] = texts.IMPORT_ACCEPTED

    def run(self, settings: Settings, database: Database) -> int:
        """Import; some refused rows make it a failure."""
        with progress(texts.IMPORT_PROGRESS) as show:
            report = import_file(database, self.file, settings.zone, self.format, refused=self.refused, progress=show)
        for line in said_import(report, self.accepted):
            say(line)
        return FAILED if report.refused else OK


class ImportDocuments(Import):
    """Take documents of «Журнал ИЭМК» in from a CSV file, in the manner of `import`."""

    format: ClassVar[Format[Any]] = DOCUMENTS
    accepted: ClassVar[str] = texts.IMPORT_DOCUMENTS_ACCEPTED


class Demo(Command):
    """Fill an empty database with made-up messages; the one of --demo unless another is named."""

    messages: int = Field(20_000, ge=1, description='How many')
    seed: int = Field(20211010, description='The same number gives the same messages')

    def run(self, settings: Settings, database: Database) -> int:
        """Fill the database."""
        try:
            fill_demonstration(settings, database, self.messages, self.seed)
        except demo_data.NotEmpty:
            raise Failed(texts.DEMO_NOT_EMPTY.format(database=settings.database_shown)) from None
        say(texts.DEMO_FILLED.format(count=whole(self.messages), database=settings.database_shown))
        return OK


def fill_demonstration(settings: Settings, database: Database, count: int = 20_000, seed: int = 20211010) -> None:
    """Fill an empty database with made-up messages of the last three months; raises as services.demo.demo_data.fill does."""
    today = datetime.now(settings.zone).date()
    with progress(texts.DEMO_PROGRESS) as show:
        demo_data.fill(database, settings.zone, today=today, count=count, seed=seed, progress=show)


def said_import(report: ImportReport, said: str) -> list[str]:
    """Say in lines what an import came to; `said` tells how many were accepted."""
    accepted = report.created + report.updated + report.unchanged
    lines = [said.format(count=whole(accepted))]
    if accepted and accepted == report.unchanged:
        lines.append(texts.IMPORT_NOTHING_NEW)
    elif accepted:
        parts = {'created': report.created, 'updated': report.updated, 'unchanged': report.unchanged}
        lines.append(texts.IMPORT_PARTS.format(**{name: whole(count) for name, count in parts.items()}))
    lines.append(texts.IMPORT_REFUSED.format(count=whole(report.refused)))
    if report.refused_path:
        lines.append(texts.IMPORT_REFUSED_FILE.format(path=report.refused_path))
    return lines
