"""Users who are bound to organisations: who may be, what changes at once, and what is on record."""

import pytest
from sqlalchemy import select
from sqlmodel import Session

from models import AuditEvent, Role
from services.accounts.accounts import AccountError
from services.database.engine import Database
from services.database.tables import ACCESS_RECORD_TABLE, DRAFT_TABLE, ORGANIZATION_TABLE
from services.dictionaries.entry_resolution import get_or_create_ids
from services.lists.drafts import DraftKey, DraftStore
from services.messages.message_query import MessageQuery
from tests.helpers.auth_services import AuthServices

HOSPITAL, CLINIC = 'МО «Химкинская ОБ», филиал', 'Поликлиника {1}'


@pytest.fixture
def auth(database: Database) -> AuthServices:
    """The services of sign-in, with an administrator and a user, and a dictionary of two organisations."""
    made = AuthServices(database)
    made.add('chief', 'Admin')
    made.add('ivanov', 'WebAdmin')
    database.write_sync(lambda session: get_or_create_ids(session, ORGANIZATION_TABLE, [HOSPITAL, CLINIC]))
    return made


def recorded(database: Database) -> list[str]:
    """Return what the audit log has about changes of users."""
    statement = select(ACCESS_RECORD_TABLE.c.what).where(ACCESS_RECORD_TABLE.c.act == AuditEvent.USER_CHANGED)
    return database.read_sync(lambda session: list(session.scalars(statement.order_by(ACCESS_RECORD_TABLE.c.number))))


async def test_a_user_is_bound_and_released(auth: AuthServices, database: Database) -> None:
    chief, ivanov = await auth.users.find('chief'), await auth.users.find('ivanov')
    drafts = DraftStore(database)
    drafts.save(DraftKey(ivanov.id, 'tab', 'journal'), None, MessageQuery(name='Петров'))
    await drafts.write()
    await auth.users.bind(chief, ivanov, [HOSPITAL.upper(), CLINIC])
    bound = await auth.users.find('ivanov')
    assert bound.scope
    assert len(bound.scope.ids) == 2
    (user,) = (each for each in await auth.users.list_all() if each.identity == bound)
    assert user.organizations == tuple(sorted((HOSPITAL, CLINIC)))

    def count_drafts(session: Session) -> int:
        return len(session.execute(select(DRAFT_TABLE)).all())

    assert database.read_sync(count_drafts) == 0
    await auth.users.bind(chief, ivanov, [])
    bound_to_nothing = (await auth.users.find('ivanov')).scope
    assert bound_to_nothing is not None
    assert not bound_to_nothing.ids
    await auth.users.bind(None, ivanov, None)
    assert (await auth.users.find('ivanov')).scope is None
    assert recorded(database)[-3:] == [
        f'видит данные: {HOSPITAL.upper()}, {CLINIC}',
        'видит данные: ни одной организации',
        'видит данные: все организации',
    ]


async def test_an_administrator_is_never_bound(auth: AuthServices) -> None:
    auth.add('deputy', 'Admin')
    deputy, ivanov = await auth.users.find('deputy'), await auth.users.find('ivanov')
    with pytest.raises(AccountError, match='ограничить его нельзя'):
        await auth.users.bind(None, deputy, [HOSPITAL])
    await auth.users.bind(None, ivanov, [HOSPITAL])
    with pytest.raises(AccountError, match='Сначала снимите с пользователя ограничение'):
        await auth.users.set_role(None, ivanov, Role.ADMIN)
    await auth.users.bind(None, ivanov, None)
    await auth.users.set_role(None, ivanov, Role.ADMIN)
    petrov, _ = await auth.users.add(None, 'petrov', Role.WEB_ADMIN)
    with pytest.raises(AccountError, match='Организации «Нет такой» в журнале нет'):
        await auth.users.bind(None, petrov, [HOSPITAL, 'Нет такой'])
    assert (await auth.users.find('petrov')).scope is None
