"""The command that prints how a search is planned."""

from datetime import date

from pydantic import Field
from pydantic_settings import CliPositionalArg

from journal_ui.cli.base_command import Command
from journal_ui.cli.console import EXIT_OK, CommandError, print_line
from services import texts
from services.database.engine import Database
from services.dictionaries.dictionary_snapshot import DictionarySnapshot
from services.messages import query_params
from services.messages.message_query import SORTABLE_COLUMNS, MessageQuery
from services.messages.message_service import MessageService
from services.settings import Settings


class Explain(Command):
    """Print how a search is planned, with estimates and reasons, for engineers; no message is printed."""

    name: CliPositionalArg[str] = Field('', description='The name to search for')
    phone: str = Field('', description='The digits of the phone')
    since: date | None = Field(None, description='The first day: 2026-10-22')
    until: date | None = Field(None, description='The last day: 2026-11-22')
    organization: str = Field('', description='The name of the organisation')
    kind: str = Field('', description=f'{", ".join(query_params.KIND_PARAMS.values())}, or the number of the kind')
    status: str = Field('', description=f'{", ".join(query_params.STATUS_BY_PARAM)}; several are joined by a full stop')
    delivery: str = Field('', description=', '.join(query_params.DELIVERY_BY_PARAM))
    error: str = Field('', description='The code of an error, or its name if it has no code')
    visit_since: date | None = Field(None, description='The first day of appointments')
    visit_until: date | None = Field(None, description='The last day of appointments')
    sort: str = Field('', description=', '.join(SORTABLE_COLUMNS))
    desc: bool = Field(False, description='Sort in descending order')
    page: int = Field(1, ge=1, description='The page of 20 rows to plan')

    def run(self, settings: Settings, database: Database) -> int:
        """Plan the search and print the plan."""
        query = self._query(database)
        messages = MessageService(database, settings.zone, timeouts=settings.delivery_timeouts)
        for line in messages.explain(query, self.page):
            print_line(line)
        return EXIT_OK

    def _query(self, database: Database) -> MessageQuery:
        """Build the query.

        Raises:
            CommandError: an option has a value that does not exist, or the period ends before it begins.
        """
        dictionaries = database.read_sync(DictionarySnapshot.read)
        id_by_name = {entry.name: str(entry.id) for entry in dictionaries.organizations.values()}
        if self.organization and self.organization not in id_by_name:
            raise CommandError(texts.EXPLAIN_NO_ORGANIZATION.format(name=self.organization))
        params = {
            'from': self.since.isoformat() if self.since else '',
            'to': self.until.isoformat() if self.until else '',
            'org': id_by_name.get(self.organization, ''),
            'kind': self.kind,
            'status': self.status,
            'delivery': self.delivery,
            'error': self.error,
            'visit_from': self.visit_since.isoformat() if self.visit_since else '',
            'visit_to': self.visit_until.isoformat() if self.visit_until else '',
            'sort': self.sort,
            'desc': '1' if self.desc else '',
        }
        parsed = query_params.from_params(params, dictionaries, person={'name': self.name, 'phone': self.phone})
        if not parsed.is_complete:
            raise CommandError(texts.EXPLAIN_INVALID)
        return parsed.query
