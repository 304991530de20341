"""How each list tool is asked for a page, and what its answer says it found."""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import ClassVar
from urllib.parse import urlencode

from models import MessageStatus
from services import days
from services.messages.message_query import MessageQuery
from tests.benchmarks.peers.message_copy import FRAGMENTS
from tests.benchmarks.peers.peer_cases import SIZE, Case
from tests.helpers.reference_messages import MOSCOW

SERVED = 'tests.benchmarks.peers.served'
SECOND = timedelta(seconds=1)


class Peer(ABC):
    """A list tool behind a server of its own."""

    name: ClassVar[str]
    package: ClassVar[str]
    engines: ClassVar[tuple[str, ...]] = ('sqlite', 'postgresql')
    tuned: ClassVar[bool] = False
    """Whether it is quicker, or finds more, than what its own documentation says to set up."""
    home: ClassVar[str]
    """The address that tells whether its server answers."""
    count: ClassVar[re.Pattern[str]]
    """Where a page says how many messages were found."""

    @abstractmethod
    def command(self, port: int, database: str) -> list[str]:
        """Say how Python starts its server over the peers' database, given as its URL."""

    @abstractmethod
    def address(self, case: Case, found: int) -> str | None:
        """Give the address of a page of `found` messages; None when it has no such page."""

    def found(self, page: str) -> int | None:
        """Read how many messages it says it found; None when it does not say."""
        said = self.count.search(page)
        return int(said[1].replace(',', '')) if said else None


class DjangoAdmin(Peer):
    """Django's admin with its drill-down by date."""

    name = 'Django admin'
    package = 'django'
    home = '/admin/login/'
    count = re.compile(r'<p class="paginator">.*?(\d+)\s+\S*\s*messages?\b', re.DOTALL)
    model = 'message'
    drills = True

    def command(self, port: int, database: str) -> list[str]:
        """Serve by gunicorn: one worker that is never ended for being slow."""
        application = f'{SERVED}.django_admin.wsgi:application'
        settings = ['--workers=1', '--threads=2', '--timeout=0', '--no-control-socket']
        return ['gunicorn', application, f'--bind=127.0.0.1:{port}', *settings]

    def address(self, case: Case, found: int) -> str:
        """Filter by the lists beside the table, and search for names and phones in its one field."""
        query = case.query
        since, until = _bounds(query)
        asked: dict[str, object] = {'moment__gte': since.isoformat(), 'moment__lt': until.isoformat()}
        if self.drills and case.name.startswith('month'):
            asked = {'moment__year': since.year, 'moment__month': since.month}
        if query.statuses:
            asked['status__exact'] = int(MessageStatus.FAILED)
        if query.organization:
            asked['organization__id__exact'] = query.organization.id
        if query.name or query.phone:
            asked['q'] = query.name or query.phone
        if query.order:
            asked['o'] = 2
        if case.last:
            asked['p'] = case.page(found)
        return f'/admin/django_admin/{self.model}/?{urlencode(asked)}'


class PlainDjangoAdmin(DjangoAdmin):
    """Django's admin without the drill-down, which reads every date of the result for its links."""

    name = 'Django admin without date_hierarchy'
    tuned = True
    model = 'plainmessage'
    drills = False


class Datasette(Peer):
    """Datasette with the full-text index that sqlite-utils makes. Its pages have no numbers: none is the last.

    Settings are its defaults, but for the time a query may take: of one second, at which it gives a page up or leaves
    its count out. The page cache is the journal's own size, as every peer's. No facets are declared: they are counts of
    each value, which the journal has not either; its filters are the table page's own. Nor is the file served as one
    that never changes: messages come in.
    """

    name = 'Datasette'
    package = 'datasette'
    engines = ('sqlite',)
    home = '/-/versions.json'
    count = re.compile(r'<h3>\s*([\d,]+) rows?\b')
    settings: ClassVar[Mapping[str, str]] = {'sql_time_limit_ms': '120000', 'cache_size_kb': '32768'}

    def command(self, port: int, database: str) -> list[str]:
        """Serve the file."""
        options = [part for name, value in self.settings.items() for part in ('--setting', name, value)]
        return ['datasette', 'serve', database.removeprefix('sqlite:///'), '--port', str(port), *options]

    def address(self, case: Case, found: int) -> str | None:
        """Filter by columns, and search for names in its one field."""
        query = case.query
        if case.last:
            return None
        since, until = (moment.astimezone(UTC).strftime('%Y-%m-%d %H:%M:%S') for moment in _bounds(query))
        asked: dict[str, object] = {'_size': SIZE, 'moment__gte': since, 'moment__lt': until}
        asked |= {'_sort': 'recipient_name'} if query.order else {'_sort_desc': 'moment'}
        if query.statuses:
            asked['status__exact'] = int(MessageStatus.FAILED)
        if query.organization:
            asked['organization_id__exact'] = query.organization.id
        if query.name:
            asked |= self.search(query.name)
        if query.phone:
            asked['phone__exact' if query.phone.startswith('+') else 'phone__contains'] = query.phone
        return f'/peers/peer_message?{urlencode(asked)}'

    def search(self, name: str) -> Mapping[str, str]:
        """Say what its search field sends: it finds whole words."""
        return {'_search': name}


class QuietDatasette(Datasette):
    """Datasette without the facets it suggests, for which it asks a query or more of every column, 50 ms each."""

    name = 'Datasette without suggested facets'
    tuned = True
    settings: ClassVar[Mapping[str, str]] = {**Datasette.settings, 'suggest_facets': 'off'}


class PrefixDatasette(QuietDatasette):
    """The same again, asked for words that begin as typed, in the index's own language."""

    name = 'Datasette, beginnings of words'

    def search(self, name: str) -> Mapping[str, str]:
        """Put an asterisk after each word, and ask for it not to be escaped."""
        return {'_search': ' '.join(f'{word}*' for word in name.split()), '_searchmode': 'raw'}


class TrigramDatasette(QuietDatasette):
    """The same again, over an index of every three letters in a row: it finds a part of a word, as the journal does."""

    name = 'Datasette, trigrams'

    def search(self, name: str) -> Mapping[str, str]:
        """Name the index, in which each word typed is a phrase."""
        return {'_search': name, '_fts_table': FRAGMENTS}


class StarletteAdmin(Peer):
    """starlette-admin over SQLModel's models."""

    name = 'starlette-admin'
    package = 'starlette-admin'
    home = '/admin/organization/list'
    count = re.compile(r'rowsTotal: (\d+)')

    def command(self, port: int, database: str) -> list[str]:
        """Serve by uvicorn."""
        return ['uvicorn', f'{SERVED}.starlette_views:app', '--port', str(port), '--log-level', 'warning']

    def address(self, case: Case, found: int) -> str:
        """Search for one word in its search field; say all else, several words too, in its filter."""
        query = case.query
        asked: dict[str, object] = {'filter': ' AND '.join(self._rules(query))}
        if query.name and ' ' not in query.name:
            asked['q'] = query.name
        if query.order:
            asked['sort'] = 'recipient_name__asc'
        if case.last:
            asked['page'] = case.page(found)
        return f'/admin/message/list?{urlencode(asked)}'

    def _rules(self, query: MessageQuery) -> Iterator[str]:
        since, until = (moment.replace(tzinfo=None) for moment in _bounds(query))
        yield f'moment__between={since.isoformat()}..{(until - SECOND).isoformat()}'
        if query.statuses:
            yield f'status__eq={int(MessageStatus.FAILED)}'
        if query.organization:
            yield f'organization_id__eq={query.organization.id}'
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
"""As documented first, then the tuned ones."""


def _bounds(query: MessageQuery) -> tuple[datetime, datetime]:
    """Give the moments between which a period lies, on the local clock; the second is the first one after it."""
    since, until = query.period.since, query.period.until
    assert since is not None
    assert until is not None
    return days.start(since, MOSCOW).astimezone(MOSCOW), days.end(until, MOSCOW).astimezone(MOSCOW)
