"""The command that forgets a person on request."""

from pydantic import Field

from journal_ui.cli.base_command import Command
from journal_ui.cli.console import EXIT_OK, CommandError, confirm, print_line, progress_bar
from services import texts
from services.composition import load_data_key
from services.database.engine import Database
from services.formats import integer
from services.retention.forgetting import Forgetting, FoundPerson, check_reason
from services.retention.person import InvalidPersonError, PersonKey
from services.settings import Settings


class Forget(Command):
    """Remove one person from everything that is stored, on request; sums stay, the request is in the audit log."""

    phone: str | None = Field(None, description='The phone of the person in any notation; with --name, both must match')
    name: str | None = Field(None, description='The whole name; also selects documents, which have no phone')
    reason: str = Field(description='Why, for the audit log; without the name and the phone')
    dry_run: bool = Field(False, description='Print how much would be removed, and stop')
    yes: bool = Field(False, description='Do not ask for confirmation')
    vacuum: bool = Field(
        False, description='Write the SQLite file anew, without remains of deleted data; nobody can write meanwhile'
    )

    def run(self, settings: Settings, database: Database) -> int:
        """Print what is stored about the person, ask for confirmation, and remove it."""
        forgetting = Forgetting(database, load_data_key(settings, database))
        try:
            found = forgetting.find(PersonKey.parse(self.phone, self.name))
            reason = check_reason(self.reason, found)
        except InvalidPersonError as error:
            raise CommandError(str(error)) from None
        for line in describe_person(found):
            print_line(line)
        if self.dry_run:
            return EXIT_OK
        if any(found.counts):
            confirm(self.yes)
        with progress_bar(texts.FORGET_PROGRESS) as report_progress:
            counts = forgetting.forget(found, reason, report_progress)
        print_line(texts.FORGET_DONE.format(counts=counts.describe()))
        if not forgetting.clean_up(vacuum=self.vacuum):
            print_line(texts.FORGET_IN_LOG)
        return EXIT_OK


def describe_person(found: FoundPerson) -> list[str]:
    """Return lines about what is stored about a person, and hints that it may be more than one person."""
    if not any(found.counts):
        return [texts.FORGET_NOTHING]
    lines = [texts.FORGET_COUNT.format(counts=found.counts.describe())]
    if found.phones > 1:
        lines.append(texts.FORGET_PHONES.format(count=integer(found.phones)))
    if found.names > 1:
        lines.append(texts.FORGET_NAMES.format(count=integer(found.names)))
    if found.key.phone and found.key.phone not in found.person.phones:
        lines.append(texts.FORGET_SHARED_PHONE)
    if found.keeps_name:
        lines.append(texts.FORGET_SHARED_NAME)
    return [*lines, texts.FORGET_WARNING]
