"""The commands and URLs of each list tool, and the number of messages on its pages."""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import ClassVar
from urllib.parse import urlencode

from models import MessageStatus
from services import days
from services.messages.message_query import MessageQuery
from tests.benchmarks.peers.message_copy import TRIGRAM_TABLE
from tests.benchmarks.peers.peer_cases import PAGE_SIZE, PeerCase
from tests.helpers.reference_messages import MOSCOW

SERVED_PACKAGE = 'tests.benchmarks.peers.served'
SECOND = timedelta(seconds=1)


class Peer(ABC):
    """A list tool with a server of its own."""

    name: ClassVar[str]
    package: ClassVar[str]
    engines: ClassVar[tuple[str, ...]] = ('sqlite', 'postgresql')
    is_tuned: ClassVar[bool] = False
    """Whether it is set up for more speed or more results than its documentation describes."""
    home_path: ClassVar[str]
    """The path that shows whether the server is ready."""
    count_pattern: ClassVar[re.Pattern[str]]
    """The number of matching messages on a page."""

    @abstractmethod
    def command(self, port: int, database: str) -> list[str]:
        """Return the arguments of `python -m` that start the server over the peers' database, given by URL."""

    @abstractmethod
    def page_path(self, case: PeerCase, message_count: int) -> str | None:
        """Return the path of a page of `message_count` messages, or None if the tool has no such page."""

    def parse_count(self, page: str) -> int | None:
        """Return the number of matching messages on a page, or None if it has no number."""
        match = self.count_pattern.search(page)
        return int(match[1].replace(',', '')) if match else None


class DjangoAdmin(Peer):
    """Django's admin with its drill-down by date."""

    name = 'Django admin'
    package = 'django'
    home_path = '/admin/login/'
    count_pattern = re.compile(r'<p class="paginator">.*?(\d+)\s+\S*\s*messages?\b', re.DOTALL)
    model = 'message'
    uses_date_drill_down = True

    def command(self, port: int, database: str) -> list[str]:
        """Serve with gunicorn: one worker without a timeout."""
        application = f'{SERVED_PACKAGE}.django_admin.wsgi:application'
        settings = ['--workers=1', '--threads=2', '--timeout=0', '--no-control-socket']
        return ['gunicorn', application, f'--bind=127.0.0.1:{port}', *settings]

    def page_path(self, case: PeerCase, message_count: int) -> str:
        """Use the filters of the sidebar, and the search field for names and phones."""
        query = case.query
        since, until = _bounds(query)
        parameters: dict[str, object] = {'moment__gte': since.isoformat(), 'moment__lt': until.isoformat()}
        if self.uses_date_drill_down and case.name.startswith('month'):
            parameters = {'moment__year': since.year, 'moment__month': since.month}
        if query.statuses:
            parameters['status__exact'] = int(MessageStatus.FAILED)
        for organization in query.organizations:
            parameters['organization__id__exact'] = organization.id
        if query.name or query.phone:
            parameters['q'] = query.name or query.phone
        if query.order:
            parameters['o'] = 2
        if case.last:
            parameters['p'] = case.page(message_count)
        return f'/admin/django_admin/{self.model}/?{urlencode(parameters)}'


class PlainDjangoAdmin(DjangoAdmin):
    """Django's admin without the drill-down, which reads every date of the result for its links."""

    name = 'Django admin without date_hierarchy'
    is_tuned = True
    model = 'plainmessage'
    uses_date_drill_down = False


class Datasette(Peer):
    """Datasette with the full-text index that sqlite-utils makes. Its pages have no numbers, so there is no last one.

    The settings are the defaults, except for the time limit of a query: after one second, Datasette would omit the page
    or its count. The page cache has the size of the journal's, as for every peer. No facets are declared, because the
    journal has no counts of each value either; the filters are those of the table page. The file is not served as
    immutable, because messages arrive.
    """

    name = 'Datasette'
    package = 'datasette'
    engines = ('sqlite',)
    home_path = '/-/versions.json'
    count_pattern = re.compile(r'<h3>\s*([\d,]+) rows?\b')
    settings: ClassVar[Mapping[str, str]] = {'sql_time_limit_ms': '120000', 'cache_size_kb': '32768'}

    def command(self, port: int, database: str) -> list[str]:
        """Serve the file."""
        options = [part for name, value in self.settings.items() for part in ('--setting', name, value)]
        return ['datasette', 'serve', database.removeprefix('sqlite:///'), '--port', str(port), *options]

    def page_path(self, case: PeerCase, message_count: int) -> str | None:
        """Filter by columns, and use the search field for names."""
        query = case.query
        if case.last:
            return None
        since, until = (moment.astimezone(UTC).strftime('%Y-%m-%d %H:%M:%S') for moment in _bounds(query))
        parameters: dict[str, object] = {'_size': PAGE_SIZE, 'moment__gte': since, 'moment__lt': until}
        parameters |= {'_sort': 'recipient_name'} if query.order else {'_sort_desc': 'moment'}
        if query.statuses:
            parameters['status__exact'] = int(MessageStatus.FAILED)
        for organization in query.organizations:
            parameters['organization_id__exact'] = organization.id
        if query.name:
            parameters |= self.search_parameters(query.name)
        if query.phone:
            parameters['phone__exact' if query.phone.startswith('+') else 'phone__contains'] = query.phone
        return f'/peers/peer_message?{urlencode(parameters)}'

    def search_parameters(self, name: str) -> Mapping[str, str]:
        """Return the parameters of the search field, which finds whole words."""
        return {'_search': name}


class QuietDatasette(Datasette):
    """Datasette without suggested facets, which take at least one query of up to 50 ms for every column."""

    name = 'Datasette without suggested facets'
    is_tuned = True
    settings: ClassVar[Mapping[str, str]] = {**Datasette.settings, 'suggest_facets': 'off'}


class PrefixDatasette(QuietDatasette):
    """Datasette without suggested facets, with prefix queries in the syntax of the index."""

    name = 'Datasette, beginnings of words'

    def search_parameters(self, name: str) -> Mapping[str, str]:
        """Append an asterisk to each word, and turn off escaping."""
        return {'_search': ' '.join(f'{word}*' for word in name.split()), '_searchmode': 'raw'}


class TrigramDatasette(QuietDatasette):
    """Datasette without suggested facets, with a trigram index: it finds parts of words, as the journal does."""

    name = 'Datasette, trigrams'

    def search_parameters(self, name: str) -> Mapping[str, str]:
        """Select the trigram index, in which each word is a phrase."""
        return {'_search': name, '_fts_table': TRIGRAM_TABLE}


class StarletteAdmin(Peer):
    """starlette-admin over SQLModel's models."""

    name = 'starlette-admin'
    package = 'starlette-admin'
    home_path = '/admin/organization/list'
    count_pattern = re.compile(r'rowsTotal: (\d+)')

    def command(self, port: int, database: str) -> list[str]:
        """Serve with uvicorn."""
        return ['uvicorn', f'{SERVED_PACKAGE}.starlette_views:app', '--port', str(port), '--log-level', 'warning']

    def page_path(self, case: PeerCase, message_count: int) -> str:
        """Use the search field for a single word, and the filter for everything else."""
        query = case.query
        parameters: dict[str, object] = {'filter': ' AND '.join(self._rules(query))}
        if query.name and ' ' not in query.name:
            parameters['q'] = query.name
        if query.order:
            parameters['sort'] = 'recipient_name__asc'
        if case.last:
            parameters['page'] = case.page(message_count)
        return f'/admin/message/list?{urlencode(parameters)}'

    def _rules(self, query: MessageQuery) -> Iterator[str]:
        since, until = (moment.replace(tzinfo=None) for moment in _bounds(query))
        yield f'moment__between={since.isoformat()}..{(until - SECOND).isoformat()}'
        if query.statuses:
            yield f'status__eq={int(MessageStatus.FAILED)}'
        for organization in query.organizations:
            yield f'organization_id__eq={organization.id}'
        if ' ' in query.name:
            yield from (f'name_key__contains="{word}"' for word in query.name.split())
        if query.phone:
            yield f'phone__{"eq" if query.phone.startswith("+") else "contains"}="{query.phone}"'


PEERS: tuple[Peer, ...] = (
    DjangoAdmin(),
    Datasette(),
    StarletteAdmin(),
    PlainDjangoAdmin(),
    QuietDatasette(),
    PrefixDatasette(),
    TrigramDatasette(),
)
"""The peers set up as documented, then the tuned ones."""


def _bounds(query: MessageQuery) -> tuple[datetime, datetime]:
    """Return the start of a period and the first moment after it, in local time."""
    since, until = query.period.since, query.period.until
    assert since is not None
    assert until is not None
    return days.day_start(since, MOSCOW).astimezone(MOSCOW), days.day_end(until, MOSCOW).astimezone(MOSCOW)
