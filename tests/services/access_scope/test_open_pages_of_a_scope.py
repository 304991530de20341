"""What open pages, links, files, calls and alerts of a scope receive while others work in the same journal."""

import csv
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from models import CallOutcome, MessageStatus
from services.access_scope.organization_scope import OrganizationScope
from services.access_scope.scoped_services import limit_services
from services.audit.hash_chain import Actor
from services.call_list.call_entries import Claim
from services.call_list.return_times import ReturnTime
from services.composition import Services, compose
from services.database.engine import Database
from services.export.export_jobs import ExportFormat
from services.ingest.message_ingest import Sender, ingest_imported_messages, ingest_messages
from services.ingest.message_parsing import IncomingMessage
from services.lists.organizations import OrganizationName
from services.lists.query_protocol import Period
from services.messages.message_query import MessageQuery, MessageRow
from services.settings import Settings
from tests.helpers.call_lists import SettableClock, failed
from tests.helpers.factories import incoming_message
from tests.helpers.reference_messages import MOSCOW, NOON
from tests.helpers.scoped_journal import organization_ids

OWN, OTHER = 'Своя больница', 'Чужая больница'
ANNA = Actor(1, 'anna', '10.0.0.1')


def record(database: Database, *messages: IncomingMessage) -> None:
    """Record messages as a program sends them."""
    sent = [(message, Sender('mailer')) for message in messages]
    database.write_sync(lambda session: ingest_messages(session, sent, zone=MOSCOW, now=NOON))


@pytest.fixture
def services(database: Database, tmp_path: Path) -> Services:
    """The services of a journal that has a message of each organisation."""
    record(database, *(incoming_message(organization=name) for name in (OWN, OTHER)))
    url = database.url.render_as_string(hide_password=False)
    settings = Settings(database_url=url, state_folder=tmp_path, alert_errors=4)
    return compose(settings, database, lambda: NOON)


def scope_of(database: Database) -> OrganizationScope:
    """Return the scope of the own organisation."""
    return OrganizationScope(frozenset({organization_ids(database)[OWN]}))


class DisplayedRows:
    """A page that displays rows."""

    def __init__(self, *ids: UUID) -> None:
        self.displayed_keys: Collection[str] = [str(id) for id in ids]
        self.current_query: MessageQuery | None = MessageQuery()
        self.received: list[tuple[Mapping[str, MessageRow], int]] = []

    async def record_rows(self, keys: Collection[str]) -> None:
        """See RowSubscriber."""

    def on_rows_changed(self, rows: Mapping[str, MessageRow], new_count: int) -> None:
        """See RowSubscriber."""
        self.received.append((rows, new_count))


async def test_an_open_page_receives_only_the_rows_of_its_scope(services: Services, database: Database) -> None:
    limited = services.within(scope_of(database))
    own = incoming_message(organization=OWN, status=MessageStatus.WAITING)
    moved = incoming_message(organization=OWN, status=MessageStatus.WAITING)
    record(database, own, moved)
    await services.live_updates.refresh()
    page, unlimited = DisplayedRows(own.id, moved.id), DisplayedRows(own.id, moved.id)
    limited.live_updates.subscribe_rows(page)
    services.live_updates.subscribe_rows(unlimited)
    later = NOON + timedelta(minutes=1)
    changed = [replace(own, parts=2), replace(moved, organization=OTHER)]
    record(database, *changed, *(incoming_message(organization=OTHER, sent_at=later) for _ in range(3)))
    await services.live_updates.refresh()
    ((rows, count),) = page.received
    assert (set(rows), count) == ({str(own.id)}, 0)
    ((all_rows, all_count),) = unlimited.received
    assert (set(all_rows), all_count) == ({str(own.id), str(moved.id)}, 3)
    await services.live_updates.refresh_displayed_rows()
    assert set(page.received[-1][0]) == {str(own.id)}


async def test_the_footer_of_an_open_page_follows_its_scope(services: Services, database: Database) -> None:
    limited = services.within(scope_of(database))
    assert services.within(scope_of(database)).live_updates is limited.live_updates, 'the pages of a scope share it'
    await services.live_updates.refresh()
    assert limited.live_updates.footer is None
    await limited.prepare()
    assert limited.live_updates.footer
    before = limited.live_updates.footer.sent_cost
    received: list[object] = []
    unsubscribe = limited.live_updates.subscribe_footer(received.append)
    limited.overview.subscribe_queue(received.append)
    record(
        database,
        incoming_message(organization=OTHER),
        incoming_message(organization=OTHER, status=MessageStatus.WAITING),
    )
    await services.live_updates.refresh()
    await services.overview.poll()
    assert received == []
    record(database, incoming_message(organization=OWN))
    await services.live_updates.refresh()
    assert limited.live_updates.footer.sent_cost == 2 * before
    assert received == [limited.live_updates.footer]
    unsubscribe()
    record(database, incoming_message(organization=OWN))
    await services.live_updates.refresh()
    assert limited.live_updates.footer.sent_cost == 2 * before, 'nobody sees it'
    await limited.prepare()
    assert limited.live_updates.footer.sent_cost == 3 * before


async def test_links_and_saved_searches_do_not_name_other_organizations(services: Services, database: Database) -> None:
    limited, ids = services.within(scope_of(database)), organization_ids(database)
    query = MessageQuery(organizations=frozenset(OrganizationName(ids[name], name) for name in (OWN, OTHER)))
    link = await services.share_links.to_params(query, 1)
    opened = await limited.share_links.from_params(link.params)
    unknown = await limited.share_links.from_params({'org': [str(ids[OWN]), '999']})
    assert opened
    assert opened == unknown, 'it looks like an organisation that does not exist'
    assert opened.query.organizations == {OrganizationName(ids[OWN], OWN)}
    assert not opened.is_complete
    assert await limited.share_links.from_params({'org': str(ids[OTHER])}) == await limited.share_links.from_params(
        {'org': '999'}
    )
    await services.dictionaries.poll()
    assert limited.dictionaries.snapshot.organizations == {ids[OWN]: OrganizationName(ids[OWN], OWN)}
    stale = MessageQuery(organizations=frozenset({OrganizationName(ids[OTHER], 'прежнее имя')}))
    assert limited.dictionaries.renew_query(stale) == stale
    assert (await limited.messages.totals(stale)).count == 0


async def test_an_exported_file_has_only_the_messages_of_the_scope(services: Services, database: Database) -> None:
    limited = services.within(scope_of(database))
    services.export_jobs.clear()
    query = MessageQuery(period=Period())
    file = await limited.export_jobs.make(query, ExportFormat.CSV, account_id=1, progress=lambda _: None)
    content = list(csv.reader(file.path.open(encoding='utf-8-sig'), delimiter=';'))
    assert (file.rows, len(content)) == (1, 2)
    assert OWN in content[1]
    key = limited.export_jobs.offer_download(file, 'owner')
    download = services.export_jobs.open_download(key, 'owner')
    assert download, 'the route of downloads serves every scope'
    download.file.close()


async def test_a_call_of_another_organization_is_refused(services: Services, database: Database) -> None:
    patients = [
        failed('Королёв Иван', organization=OTHER),
        failed('Иванова Анна', phone='+79161234568', organization=OWN),
    ]
    database.write_sync(lambda session: ingest_imported_messages(session, patients, zone=MOSCOW, now=NOON))
    limited = services.within(scope_of(database)).call_list
    every = (await services.call_list.pending_calls(MessageQuery(), 20)).calls
    (own,) = (await limited.pending_calls(MessageQuery(), 20)).calls
    (other,) = (call for call in every if call.name == 'Королёв Иван')
    assert own.name == 'Иванова Анна'
    assert not await limited.claim(other, ANNA)
    assert not await limited.claim(replace(own, key=other.key), ANNA), 'another recipient by own messages'
    assert await services.call_list.claim(other, ANNA)
    await limited.release(other, ANNA)
    assert await limited.complete(other, ANNA, CallOutcome.REACHED, '') is None
    completed = await services.call_list.complete(other, ANNA, CallOutcome.REACHED, 'сообщил')
    assert completed, 'the claim was not released'
    await limited.reopen(completed, ANNA)
    assert not await limited.undo(other, completed, ANNA)
    assert await services.call_list.completed_calls(MessageQuery(), 20) == [completed]
    assert await limited.completed_calls(MessageQuery(), 20) == []
    assert await limited.claim(own, ANNA)


class DisplayedCalls:
    """A page that displays recipients to call."""

    def __init__(self, *ids: UUID) -> None:
        self.displayed_ids = ids
        self.waiting: Mapping[UUID, Claim | None] = {}
        self.returned: Collection[UUID] = ()

    def on_calls_changed(self, message_ids: Collection[UUID], still_waiting: Mapping[UUID, Claim | None]) -> None:
        """See CallListSubscriber."""
        self.waiting = still_waiting

    def on_calls_returned(self, message_ids: Collection[UUID]) -> None:
        """See CallListSubscriber."""
        self.returned = message_ids


async def test_an_open_call_list_follows_its_scope(services: Services, database: Database) -> None:
    own, other = failed('Иванова Анна', organization=OWN), failed('Королёв Иван', organization=OTHER)
    database.write_sync(lambda session: ingest_imported_messages(session, [own, other], zone=MOSCOW, now=NOON))
    page, unlimited = DisplayedCalls(own.id, other.id), DisplayedCalls(own.id, other.id)
    services.within(scope_of(database)).call_list.subscribe(page)
    services.call_list.subscribe(unlimited)
    await services.call_list.poll()
    assert (set(page.waiting), set(unlimited.waiting)) == ({own.id}, {own.id, other.id})


async def test_open_pages_follow_the_returns_of_their_scope(database: Database) -> None:
    own, other = failed('Иванова Анна', organization=OWN), failed('Королёв Иван', organization=OTHER)
    database.write_sync(lambda session: ingest_imported_messages(session, [own, other], zone=MOSCOW, now=NOON))
    clock = SettableClock()
    settings = Settings(database_url=database.url.render_as_string(hide_password=False))
    services = compose(settings, database, clock)
    limited = services.within(scope_of(database))
    for call in (await services.call_list.pending_calls(MessageQuery(), 20)).calls:
        assert await services.call_list.claim(call, ANNA)
        assert await services.call_list.complete(
            call, ANNA, CallOutcome.NOT_REACHED, '', returning=ReturnTime.HALF_AN_HOUR
        )
    page, unlimited = DisplayedCalls(), DisplayedCalls()
    limited.call_list.subscribe(page)
    services.call_list.subscribe(unlimited)
    rows = DisplayedRows(own.id, other.id)
    limited.live_updates.subscribe_rows(rows)
    await services.live_updates.refresh()
    clock.now += timedelta(minutes=30)
    await services.live_updates.refresh()
    assert (page.returned, unlimited.returned) == ({own.id}, {own.id, other.id})
    ((changed, _),) = rows.received
    assert [row.call and row.call.is_pending for row in changed.values()] == [True]
    assert set(changed) == {str(own.id)}


async def test_alerts_of_a_scope_are_about_its_organizations(services: Services, database: Database) -> None:
    scope = scope_of(database)
    await services.dictionaries.poll()
    early = limit_services(services, scope)
    before = NOON - timedelta(weeks=1, minutes=1)
    errors = [
        incoming_message(
            organization=name, status=MessageStatus.FAILED, queued_at=NOON - timedelta(minutes=2),
            attempted_at=NOON - timedelta(minutes=1),
        )
        for name, count in ((OWN, 5), (OTHER, 9))
        for _ in range(count)
    ]  # fmt: skip
    record(database, *errors, incoming_message(organization=OWN, queued_at=before, sent_at=before))
    announced: list[object] = []
    early.alerts.subscribe(announced.append)
    await services.live_updates.refresh()
    await services.overview.poll()
    await services.alerts.check()
    assert any('Чужая больница' in each.text for each in services.alerts.current)
    expected = ['Ошибок за час: 5, обычно 0 — Своя больница']
    for view in (early, services.within(scope)):
        assert [each.text for each in view.alerts.current] == expected
    assert announced == [early.alerts.current]
