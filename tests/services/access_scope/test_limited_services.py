"""A user who is bound to organisations sees what a journal of these organisations alone would show."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, fields
from itertools import combinations
from pathlib import Path
from typing import Final
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import DocumentStatus, MessageStatus
from services.access_scope.organization_scope import OrganizationScope
from services.composition import Services
from services.database.engine import Database
from services.documents.document_query import DocumentQuery
from services.lists.message_kinds import MANUAL_KINDS
from services.lists.organizations import OrganizationName
from services.lists.query_protocol import PAGE_SIZES, Order, Period
from services.messages.delivery import DeliveryCondition
from services.messages.message_query import SORTABLE_COLUMNS, MessageQuery
from tests.helpers import scoped_journal
from tests.helpers.database_copies import CopyOf
from tests.helpers.reference_messages import NOON
from tests.helpers.scoped_journal import FIRST, FIRST_MERGED, GROUPS, ORGANIZATIONS, SECOND, THIRD

SCOPES: Final = tuple(chosen for size in range(len(GROUPS) + 1) for chosen in combinations(range(len(GROUPS)), size))
"""The sets of organisations, by their numbers."""
NAMES = st.sampled_from(['', 'иванов', 'королев', 'иванов и', 'ивавов', 'петрва', 'bdfyjd', 'щедрин', 'и'])
PHONES = st.sampled_from(['', '89160111110', '1111', '7916', '9160111111', '+375', '375'])
DAYS = st.one_of(st.none(), st.integers(0, 14).map(lambda ago: NOON.date().replace(day=NOON.day - ago)))
NOT_LIMITED: Final = {
    'settings': 'settings of the installation',
    'database': 'no page and no endpoint reads it directly',
    'data_key': 'a key',
    'kinds': 'the dictionary of kinds is common to all organisations',
    'organization_editor': 'for administrators, who have no scope',
    'kind_editor': 'for administrators, who have no scope',
    'accounts': 'users',
    'users': 'users, for administrators',
    'sessions': 'sessions of users',
    'second_factor': 'second factors of users',
    'authentication': 'the sign-in of users',
    'failed_sign_ins': 'failed sign-ins of users',
    'openid_connect': 'the sign-in of users at the identity provider',
    'audit_log': 'only records',
    'audit_anchors': 'the chain of all records',
    'audit_records': 'for administrators, who have no scope',
    'ingest': 'writes what programs send; their scope is checked for each item',
    'api_tokens': 'tokens',
    'provider_codes': 'the meaning of codes, which providers publish',
    'operator_codes': 'the meaning of codes, which administrators describe',
    'metrics': 'counts of the installation, for its administrators',
    'health': 'the state of the installation',
    'drafts': 'what a user has typed; the search that it leads to is limited',
    'import_jobs': 'for administrators, who have no scope',
    'alert_notifier': 'announces alerts to the receivers of the installation',
    'webhooks': 'for administrators, who have no scope',
    'webhook_sender': 'each webhook has a scope of its own',
    'status_poller': 'asks for messages of all organisations, and shows nothing',
    'now': 'the time',
}
"""The services that a scope does not replace, each with the reason."""


@dataclass(frozen=True)
class Journals:
    """A journal of all organisations, and for each scope one of its own organisations alone."""

    whole: Services
    own: Mapping[tuple[int, ...], Services]
    ids: Sequence[UUID]
    """The ids of every fifth message, in the order of their random ids."""
    documents: Sequence[UUID]
    organizations: Mapping[str, int]

    def scope(self, chosen: tuple[int, ...]) -> OrganizationScope:
        """Return a scope, by one spelling of each organisation: of the merged one by that which is not current."""
        names = ((FIRST_MERGED, SECOND, THIRD)[number] for number in chosen)
        return OrganizationScope(frozenset(self.organizations[name] for name in names))


@pytest.fixture(scope='module')
def own_journals(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> Iterator[Mapping[tuple[int, ...], Services]]:
    """The journals of single scopes, by scope; the reference, on SQLite."""
    journals = {}
    databases = []
    for chosen in SCOPES:
        path = tmp_path_factory.mktemp('own') / 'journal.db'
        path.write_bytes(sqlite_template.read_bytes())
        databases.append(database := Database(f'sqlite:///{path}'))
        scoped_journal.fill(database, set[str]().union(*(GROUPS[number] for number in chosen)))
        journals[chosen] = scoped_journal.composed(database)
    yield journals
    for database in databases:
        database.close()


@pytest.fixture
def journals(copy_of: CopyOf, own_journals: Mapping[tuple[int, ...], Services]) -> Iterator[Journals]:
    """The journal of all organisations on each engine, and the references."""
    with closing(Database(copy_of(scoped_journal.fill))) as database:
        yield Journals(
            scoped_journal.composed(database),
            own_journals,
            scoped_journal.message_ids(database)[::5],
            scoped_journal.document_ids(database),
            scoped_journal.organization_ids(database),
        )


def test_every_service_is_limited_or_has_a_reason(journals: Journals) -> None:
    limited = journals.whole.within(journals.scope((0,)))
    unlimited = {
        each.name for each in fields(Services) if getattr(limited, each.name) is getattr(journals.whole, each.name)
    }
    assert unlimited == set(NOT_LIMITED)
    assert journals.whole.within(None) is journals.whole


def test_the_journal_has_what_a_scope_could_reveal(journals: Journals) -> None:
    """The messages, totals, calls and documents of each scope differ from those of the whole journal."""

    async def read(services: Services) -> dict[str, object]:
        about = await scoped_journal.answers_about(services, journals.ids, journals.documents)
        return about | await scoped_journal.answers_to_query(services, MessageQuery(), 20)

    own, whole = asyncio.run(read(journals.own[1,])), asyncio.run(read(journals.whole))
    without_scope = {'sum', 'queue'}  # not read by a journal that is not started
    without_rows = {'narrower', 'alternatives'}
    assert {name for name in whole if own[name] == whole[name]} == without_scope | without_rows


@pytest.fixture(scope='module')
def own_answers() -> dict[tuple[int, ...], dict[str, object]]:
    """What the own journals answered so far without a query, by scope: the reference for both engines."""
    return {}


@pytest.mark.parametrize('chosen', SCOPES)
def test_what_needs_no_query_is_that_of_the_own_journal(
    journals: Journals, own_answers: dict[tuple[int, ...], dict[str, object]], chosen: tuple[int, ...]
) -> None:
    async def read_own() -> dict[str, object]:
        own = journals.own[chosen]
        answers = await scoped_journal.answers_about(own, journals.ids, journals.documents)
        await own.live_updates.refresh()
        await own.overview.poll()
        assert own.live_updates.footer
        return answers | {'sum': own.live_updates.footer.sent_cost, 'queue': own.overview.queue}

    async def check() -> None:
        limited = journals.whole.within(journals.scope(chosen))
        if chosen not in own_answers:
            own_answers[chosen] = await read_own()
        found = await scoped_journal.answers_about(limited, journals.ids, journals.documents)
        for name, answer in own_answers[chosen].items():
            assert found[name] == answer, name
        names = [each.name for each in await limited.organizations.all()]
        assert names == sorted((FIRST, SECOND, THIRD)[number] for number in chosen)

    asyncio.run(check())


@given(data=st.data())
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_search_finds_what_the_own_journal_has(journals: Journals, data: st.DataObject) -> None:
    chosen = data.draw(st.sampled_from(SCOPES))
    code = data.draw(st.sampled_from(journals.ids)).hex[: data.draw(st.sampled_from([8, 32]))]
    organizations = [OrganizationName(id, name) for name, id in journals.organizations.items()]
    since, until = data.draw(DAYS), data.draw(DAYS)
    query = MessageQuery(
        name=data.draw(NAMES),
        phone=data.draw(PHONES),
        kinds=data.draw(st.just(frozenset()) | st.frozensets(st.sampled_from(list(MANUAL_KINDS.values())), max_size=2)),
        period=Period(min(since, until), max(since, until)) if since and until else Period(since, until),
        organizations=data.draw(st.just(frozenset()) | st.frozensets(st.sampled_from(organizations), max_size=3)),
        statuses=data.draw(st.just(frozenset()) | st.frozensets(st.sampled_from(MessageStatus))),
        older_than=data.draw(st.none() | st.just(60 * 24)),
        delivery=data.draw(st.none() | st.sampled_from(DeliveryCondition)),
        code=data.draw(st.none() | st.just(code)),
        errors=data.draw(st.just(frozenset()) | st.frozensets(st.sampled_from(['1', '3', 'Ошибка']), max_size=2)),
        appointment=Period(
            *sorted(data.draw(st.just(()) | st.tuples(*(st.dates(NOON.date().replace(day=10), NOON.date()),) * 2)))
        ),
        order=data.draw(st.none() | st.builds(Order, st.sampled_from(SORTABLE_COLUMNS), st.booleans())),
    )
    size = data.draw(st.sampled_from(PAGE_SIZES))

    async def check() -> None:
        limited = journals.whole.within(journals.scope(chosen))
        found = await scoped_journal.answers_to_query(limited, query, size)
        for name, answer in (await scoped_journal.answers_to_query(journals.own[chosen], query, size)).items():
            assert found[name] == answer, name

    asyncio.run(check())


@given(data=st.data())
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_search_of_documents_finds_what_the_own_journal_has(journals: Journals, data: st.DataObject) -> None:
    chosen = data.draw(st.sampled_from(SCOPES))
    names = st.sampled_from(ORGANIZATIONS)
    query = DocumentQuery(
        name=data.draw(NAMES),
        organization=data.draw(
            st.none() | st.builds(lambda name: OrganizationName(journals.organizations[name], name), names)
        ),
        statuses=data.draw(st.just(frozenset()) | st.frozensets(st.sampled_from(DocumentStatus))),
        order=data.draw(st.none() | st.just(Order('organization')) | st.just(Order('patient_name', descending=True))),
    )

    async def check() -> None:
        limited = journals.whole.within(journals.scope(chosen))
        found = await scoped_journal.answers_to_document_query(limited, query)
        assert found == await scoped_journal.answers_to_document_query(journals.own[chosen], query)

    asyncio.run(check())
