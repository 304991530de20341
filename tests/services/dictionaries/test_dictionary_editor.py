"""Administrators rename, merge and separate entries: the journal follows, no message changes, all is on record."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from models import AuditEvent, AuditRecord, Message, MessageKind
from services import texts
from services.access_scope.organization_scope import OrganizationScope
from services.accounts.accounts import AccountError
from services.database.engine import Database
from services.database.tables import MESSAGE_KIND_TABLE, ORGANIZATION_TABLE
from services.dictionaries import dictionary_editor
from services.dictionaries.dictionary_editor import DictionaryEditor, DictionaryEntry, DictionaryError
from services.ingest.ingest_batch import Sender
from services.ingest.message_ingest import IngestOutcome, ingest_messages
from services.ingest.message_parsing import IncomingMessage
from services.lists.message_kinds import MessageKinds
from services.lists.organizations import OrganizationName, Organizations
from services.lists.query_protocol import Order
from services.messages.message_query import MessageQuery
from services.messages.message_service import MessageService
from services.verification import messages_check
from tests.helpers.auth_services import AuthServices, fast_password_hashing
from tests.helpers.factories import incoming_message
from tests.helpers.reference_messages import MOSCOW, NOON
from tests.helpers.totals_recount import recounted_totals, stored_totals

SPELLINGS = (
    'ГБУЗ "Областная больница"',
    'ГБУЗ «Областная больница»',
    'ГБУЗ “Областная больница”.',
    'гбуз «областная больница»',
    'ГБУЗ  «Oбластная больница»',  # with a Latin O
)
HOSPITAL, CLINIC, CENTRE = 'Больница', 'Поликлиника', 'Центр'


@pytest.fixture
def organizations(database: Database) -> DictionaryEditor:
    """The dictionary of organisations."""
    return DictionaryEditor(database, ORGANIZATION_TABLE, texts.ORGANIZATIONS_TITLE)


@pytest.fixture
def kinds(database: Database) -> DictionaryEditor:
    """The dictionary of kinds."""
    return DictionaryEditor(database, MESSAGE_KIND_TABLE, texts.KINDS_TITLE)


@pytest.fixture
def messages(database: Database) -> MessageService:
    """The journal."""
    return MessageService(database, MOSCOW, lambda: NOON)


async def ingest(database: Database, *incoming: IncomingMessage, sender: Sender | None = None) -> list[IngestOutcome]:
    """Record messages of a sender, or of a file."""
    items = [(message, sender) for message in incoming]
    return await database.write(lambda session: ingest_messages(session, items, zone=MOSCOW, now=NOON))


def stored_rows(database: Database) -> list[dict[str, Any]]:
    """Return all stored messages with the ids of their organisations and kinds."""
    statement = select(Message).order_by(col(Message.place))
    return database.read_sync(lambda session: [row.model_dump() for row in session.exec(statement)])


async def entry(editor: DictionaryEditor, name: str) -> DictionaryEntry:
    """Return the current entry with a name."""
    return next(each for each in await editor.entries() if each.name == name)


async def current_names(editor: DictionaryEditor) -> list[str]:
    """Return the names of the current entries."""
    return [each.name for each in await editor.entries()]


async def listed(messages: MessageService, query: MessageQuery) -> list[tuple[UUID, str, str]]:
    """Return the code, the organisation and the kind of the rows of a search, and check its count."""
    page = await messages.page(query, number=1, size=20)
    assert (await messages.totals(query)).count == len(page.rows)
    return [(row.code, row.organization, row.kind) for row in page.rows]


def records(database: Database) -> list[tuple[Any, ...]]:
    """Return who changed what in the dictionaries: the entry, the change, and the user."""
    statement = (
        select(AuditRecord.about, AuditRecord.what, AuditRecord.name)
        .where(AuditRecord.act == AuditEvent.REFERENCE_DATA_CHANGED)
        .order_by(col(AuditRecord.number))
    )
    return [tuple(row) for row in database.read_sync(lambda session: session.exec(statement).all())]


async def test_a_hospital_written_in_several_ways_is_one_choice(database: Database, messages: MessageService) -> None:
    """Case 28."""
    incoming = [incoming_message(organization=spelling) for spelling in SPELLINGS]
    await ingest(database, incoming[1])
    await ingest(database, *incoming)
    (choice,) = await Organizations(database).all()
    assert choice.name == SPELLINGS[1]
    rows = await listed(messages, MessageQuery(organizations=frozenset({choice})))
    assert {row[:2] for row in rows} == {(message.id, choice.name) for message in incoming}
    assert len(rows) == len(SPELLINGS)


async def test_another_spelling_of_a_known_message_is_no_change(database: Database) -> None:
    message = incoming_message(organization=SPELLINGS[0])
    await ingest(database, message)
    for name in SPELLINGS:
        again = replace(message, organization=name, kind='НАПОМИНАНИЕ')
        assert await ingest(database, again) == [IngestOutcome.UNCHANGED]


async def test_merged_organisations_are_found_and_displayed_as_one(
    database: Database, organizations: DictionaryEditor, messages: MessageService
) -> None:
    incoming = [incoming_message(organization=name) for name in (HOSPITAL, CLINIC, CENTRE)]
    await ingest(database, *incoming)
    before = stored_rows(database)
    hospital, clinic = await entry(organizations, HOSPITAL), await entry(organizations, CLINIC)
    await organizations.merge(None, clinic.id, hospital.id)

    assert stored_rows(database) == before
    assert stored_totals(database) == recounted_totals(database)
    assert [each.name for each in await Organizations(database).all()] == [HOSPITAL, CENTRE]
    both = {(incoming[0].id, HOSPITAL), (incoming[1].id, HOSPITAL)}
    # Links, drafts and open pages may still name the merged organisation.
    for id in (hospital.id, clinic.id):
        rows = await listed(messages, MessageQuery(organizations=frozenset({OrganizationName(id, '')})))
        assert {row[:2] for row in rows} == both
    merged = await entry(organizations, HOSPITAL)
    assert ([each.name for each in merged.spellings], merged.messages) == ([CLINIC], 2)

    await organizations.separate(None, clinic.id)
    for id, message in ((hospital.id, incoming[0]), (clinic.id, incoming[1])):
        rows = await listed(messages, MessageQuery(organizations=frozenset({OrganizationName(id, '')})))
        assert [row[:2] for row in rows] == [(message.id, message.organization)]


async def test_a_message_of_a_merged_organisation_is_not_moved_when_it_arrives_again(
    database: Database, organizations: DictionaryEditor, messages: MessageService
) -> None:
    message = incoming_message(organization=CLINIC)
    await ingest(database, message, incoming_message(organization=HOSPITAL))
    clinic, hospital = await entry(organizations, CLINIC), await entry(organizations, HOSPITAL)
    await organizations.merge(None, clinic.id, hospital.id)
    # An exported file has the name of the current entry.
    for name in (HOSPITAL, CLINIC, '«Больница»'):
        assert await ingest(database, replace(message, organization=name)) == [IngestOutcome.UNCHANGED]
    assert await ingest(database, replace(message, organization=HOSPITAL, text='Новый')) == [IngestOutcome.UPDATED]
    late = incoming_message(organization='поликлиника')
    await ingest(database, late)
    await organizations.separate(None, clinic.id)
    rows = await listed(messages, MessageQuery(organizations=frozenset({OrganizationName(clinic.id, CLINIC)})))
    assert {row[0] for row in rows} == {message.id, late.id}
    # Another organisation is a change.
    assert await ingest(database, replace(message, organization=HOSPITAL)) == [IngestOutcome.UPDATED]


async def test_a_renamed_organisation_has_its_new_name_everywhere_and_accepts_the_old_one(
    database: Database, organizations: DictionaryEditor, messages: MessageService
) -> None:
    old, new = incoming_message(organization='Больница'), incoming_message(organization='ГБУЗ «Больница»')
    await ingest(database, old)
    await organizations.rename(None, (await entry(organizations, 'Больница')).id, ' ГБУЗ  «Больница» ')
    again = incoming_message(organization='БОЛЬНИЦА')
    await ingest(database, new, again)
    (choice,) = await Organizations(database).all()
    assert choice.name == 'ГБУЗ «Больница»'
    rows = await listed(messages, MessageQuery(organizations=frozenset({choice})))
    assert {row[:2] for row in rows} == {(message.id, choice.name) for message in (old, new, again)}
    details = await messages.details(old.id)
    assert details
    assert details.message.organization == choice.name

    # The old name is a spelling, so that renaming can be undone.
    await organizations.rename(None, choice.id, 'Больница')
    assert await current_names(organizations) == ['Больница']
    await organizations.rename(None, (await entry(organizations, 'Больница')).id, '«Больница»')
    assert await current_names(organizations) == ['«Больница»']
    assert len(await listed(messages, MessageQuery(organizations=frozenset({OrganizationName(choice.id, '')})))) == 3


async def test_sorting_follows_the_current_names(
    database: Database, organizations: DictionaryEditor, messages: MessageService
) -> None:
    await ingest(database, *(incoming_message(organization=name) for name in ('А', 'Б', 'В', 'Г')))
    await organizations.rename(None, (await entry(organizations, 'А')).id, 'Я')
    await organizations.merge(None, (await entry(organizations, 'Г')).id, (await entry(organizations, 'Б')).id)
    rows = await listed(messages, MessageQuery(order=Order('organization')))
    assert [row[1] for row in rows] == ['Б', 'Б', 'В', 'Я']


async def test_a_fifth_kind_is_added_and_renamed(
    database: Database, kinds: DictionaryEditor, messages: MessageService
) -> None:
    await kinds.add(None, ' Анкета ')
    assert [kind.name for kind in await MessageKinds(database).all()] == [*texts.KINDS.values(), 'Анкета']
    incoming = [incoming_message(kind=kind) for kind in ('анкета', 'Напоминание', 'Прикрепление')]
    await ingest(database, *incoming)
    questionnaire = (await MessageKinds(database).all())[-1]
    assert [row[0] for row in await listed(messages, MessageQuery(kinds=frozenset({questionnaire})))] == [
        incoming[0].id
    ]

    await kinds.rename(None, MessageKind.REMINDER, 'Я-памятка')
    await ingest(database, incoming_message(kind='Напоминание'))
    assert [kind.name for kind in await MessageKinds(database).all()] == [
        'Я-памятка',
        'Прикрепление',
        'Напоминание ДС',
        'Вакцинация COVID-19',
        'Анкета',
    ]
    rows = await listed(messages, MessageQuery(order=Order('kind')))
    assert [row[2] for row in rows] == ['Анкета', 'Прикрепление', 'Я-памятка', 'Я-памятка']
    assert stored_totals(database) == recounted_totals(database)
    assert not database.read_sync(lambda session: list(messages_check.missing_kinds(session, MOSCOW)))


async def test_every_change_is_on_record(
    database: Database, organizations: DictionaryEditor, kinds: DictionaryEditor
) -> None:
    auth = AuthServices(database)
    with fast_password_hashing():
        auth.add('chief', 'Admin')
    chief = await auth.users.find('chief')
    await ingest(database, *(incoming_message(organization=name) for name in (HOSPITAL, CLINIC, CENTRE)))
    hospital, clinic, centre = [await entry(organizations, name) for name in (HOSPITAL, CLINIC, CENTRE)]
    await organizations.merge(chief, clinic.id, hospital.id)
    await organizations.merge(chief, hospital.id, centre.id)
    await organizations.separate(chief, clinic.id)
    await organizations.rename(chief, clinic.id, 'Новая')
    await organizations.rename(chief, (await entry(organizations, 'Новая')).id, 'Новая')
    await kinds.add(chief, 'Анкета')
    assert records(database) == [
        (CLINIC, 'объединена с записью: Больница', 'chief'),
        (HOSPITAL, 'объединена с записью: Центр; вместе с написаниями: Поликлиника', 'chief'),
        (CLINIC, 'отделена от записи: Центр', 'chief'),
        (CLINIC, 'новое название: Новая', 'chief'),
        ('Анкета', 'новая запись', 'chief'),
    ]


async def test_a_rejected_change_changes_nothing(
    database: Database, organizations: DictionaryEditor, kinds: DictionaryEditor, monkeypatch: pytest.MonkeyPatch
) -> None:
    auth = AuthServices(database)
    with fast_password_hashing():
        auth.add('chief', 'Admin')
        auth.add('clerk', 'WebAdmin')
    clerk = await auth.users.find('clerk')
    names = (HOSPITAL, CLINIC, CENTRE)
    await ingest(database, *(incoming_message(organization=name) for name in names))
    hospital, clinic, centre = [(await entry(organizations, name)).id for name in names]
    await organizations.merge(None, clinic, hospital)
    before = await organizations.entries(), records(database)
    with pytest.raises(AccountError, match='больше не Admin'):
        await organizations.merge(clerk, hospital, centre)
    for attempt, reason in (
        (organizations.rename(None, centre, '«больница».'), 'уже есть, объедините с ней: Больница'),
        (organizations.rename(None, centre, CLINIC), 'объедините с ней: Больница'),
        (organizations.rename(None, centre, ' '), 'Нужно название'),
        (organizations.rename(None, centre, 'я' * 301), 'Нужно название'),
        (organizations.rename(None, centre, 'a\0b'), 'Нужно название'),
        (organizations.rename(None, clinic, 'Новая'), 'уже изменил кто-то другой'),
        (organizations.merge(None, centre, clinic), 'уже изменил кто-то другой'),
        (organizations.merge(None, centre, centre), 'Выберите другую'),
        (organizations.merge(None, centre, 12345), 'уже изменил кто-то другой'),
        (organizations.separate(None, centre), 'уже изменил кто-то другой'),
        (kinds.add(None, 'напоминание'), 'Такая запись уже есть: Напоминание'),
    ):
        with pytest.raises(DictionaryError, match=reason):
            await attempt
    monkeypatch.setattr(dictionary_editor, 'MAX_SPELLINGS', 1)
    for attempt in (organizations.merge(None, centre, hospital), organizations.rename(None, hospital, 'Новая')):
        with pytest.raises(DictionaryError, match='не больше 1 написаний'):
            await attempt
    assert (await organizations.entries(), records(database)) == before


async def test_a_spelling_that_only_typography_distinguishes_cannot_be_separated(
    database: Database, organizations: DictionaryEditor
) -> None:
    """Databases of earlier versions have such rows."""
    await ingest(database, incoming_message(organization=HOSPITAL))
    add = text("INSERT INTO organization (name, name_key, merged_into) VALUES ('«Больница»', 'больница', 1)")
    await database.write(lambda session: session.execute(add))
    (hospital,) = await organizations.entries()
    (spelling,) = hospital.spellings
    assert not spelling.is_separable
    with pytest.raises(DictionaryError, match='нельзя отделить'):
        await organizations.separate(None, spelling.id)
    # It may represent the group, though.
    await organizations.rename(None, hospital.id, '«Больница»')
    assert await current_names(organizations) == ['«Больница»']
    await ingest(database, incoming_message(organization=HOSPITAL))
    (renamed,) = await organizations.entries()
    assert (renamed.messages, [each.name for each in renamed.spellings]) == (2, [HOSPITAL])


async def test_two_merges_into_each_other_cannot_both_succeed(
    database: Database, organizations: DictionaryEditor
) -> None:
    await ingest(database, *(incoming_message(organization=name) for name in (HOSPITAL, CLINIC)))
    one, other = [(await entry(organizations, name)).id for name in (HOSPITAL, CLINIC)]
    results = await asyncio.gather(
        organizations.merge(None, one, other), organizations.merge(None, other, one), return_exceptions=True
    )
    assert [type(result) for result in results].count(DictionaryError) == 1
    assert len(await organizations.entries()) == 1


async def test_a_sender_of_one_organisation_may_use_each_of_its_names(
    database: Database, organizations: DictionaryEditor, messages: MessageService
) -> None:
    sender = Sender('mailer', OrganizationScope(frozenset()), frozenset({'больница', 'поликлиника'}))
    assert [sender.may_act_for(name) for name in ('«БОЛЬНИЦА»', 'Поликлиника.', CENTRE)] == [True, True, False]
    mine, foreign = incoming_message(organization=CLINIC), incoming_message(organization=CENTRE)
    await ingest(database, mine, foreign, incoming_message(organization=HOSPITAL))
    await organizations.merge(None, (await entry(organizations, CLINIC)).id, (await entry(organizations, HOSPITAL)).id)
    changed = [replace(message, cost=message.cost + 1) for message in (mine, foreign)]
    assert await ingest(database, *changed, sender=sender) == [IngestOutcome.UPDATED, IngestOutcome.OTHER_ORGANIZATION]
