"""The command that fills a database with generated messages."""

from datetime import UTC, datetime

from pydantic import Field

from journal_ui.cli.base_command import Command
from journal_ui.cli.console import EXIT_OK, CommandError, print_line, progress_bar
from services import texts
from services.database.engine import Database
from services.demo import demo_calls, demo_data
from services.formats import integer
from services.settings import Settings


class Demo(Command):
    """Fill an empty database with generated messages; by default the database of --demo."""

    messages: int = Field(20_000, ge=1, description='Number of messages')
    seed: int = Field(demo_data.SEED, description='Seed of the generator; the same seed generates the same messages')

    def run(self, settings: Settings, database: Database) -> int:
        """Fill the database."""
        try:
            fill_demonstration(settings, database, self.messages, self.seed)
        except demo_data.JournalNotEmptyError:
            raise CommandError(texts.DEMO_NOT_EMPTY.format(database=settings.redacted_database_url)) from None
        print_line(texts.DEMO_FILLED.format(count=integer(self.messages), database=settings.redacted_database_url))
        return EXIT_OK


def fill_demonstration(settings: Settings, database: Database, count: int = 20_000, seed: int = demo_data.SEED) -> None:
    """Fill an empty database with generated messages of the last three months, and calls about those of the last days.

    Raises:
        JournalNotEmptyError: see services.demo.demo_data.fill_journal.
    """
    today = datetime.now(settings.zone).date()
    with progress_bar(texts.DEMO_PROGRESS) as report_progress:
        demo_data.fill_journal(
            database,
            settings.zone,
            today=today,
            count=count,
            seed=seed,
            longest_wait=demo_data.USUAL_WAIT,
            progress=report_progress,
        )
    demo_calls.add_calls(database, settings.zone, datetime.now(UTC))
