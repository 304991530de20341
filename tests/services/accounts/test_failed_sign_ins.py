"""Failed sign-ins: one record a minute for each IP address and account, and the owner sees them."""

import pytest
from sqlmodel import Session, col, select

from models import AuditEvent, AuditRecord
from services.accounts import failed_sign_ins as counted_sign_ins
from services.accounts.accounts import AccountError
from services.accounts.failed_sign_ins import RECORD_INTERVAL, FailedSignIns
from services.accounts.identity import FailedAttempts
from services.database.engine import Database
from services.errors import DatabaseError, DatabaseUnavailableError
from tests.helpers.auth_services import FIRST_CLIENT, PASSWORD, AuthServices

ADDRESS = '203.0.113.7'


@pytest.fixture
def auth(database: Database) -> AuthServices:
    """The services of sign-in, with a user."""
    services = AuthServices(database)
    services.add('ivanov')
    return services


@pytest.fixture
def failed_sign_ins(database: Database, auth: AuthServices) -> FailedSignIns:
    """The recorder of failed sign-ins, on the clock of the other services."""
    return FailedSignIns(database, auth.accounts, lambda: auth.time)


async def records(database: Database) -> list[tuple[str, str, str]]:
    """Return name, IP address and text of the records of failed sign-ins."""

    def load(session: Session) -> list[tuple[str, str, str]]:
        failed = select(AuditRecord).where(AuditRecord.act == AuditEvent.SIGN_IN_FAILED)
        return [(row.name, row.address, row.what) for row in session.exec(failed.order_by(col(AuditRecord.number)))]

    return await database.read(load)


async def test_a_flood_becomes_one_record_a_minute(
    auth: AuthServices, failed_sign_ins: FailedSignIns, database: Database
) -> None:
    for _ in range(3000):
        failed_sign_ins.count_refused('ivanov', ADDRESS)
    assert await records(database) == [], 'an attempt that the throttle refuses causes no write'
    for _ in range(50):
        await failed_sign_ins.record('Ivanov', ADDRESS)
        failed_sign_ins.count_refused('IVANOV', ADDRESS)
    await failed_sign_ins.record('a password typed as a name', ADDRESS)
    await failed_sign_ins.flush()
    assert await records(database) == [('ivanov', ADDRESS, ''), ('неизвестное имя', ADDRESS, '')]
    auth.time += RECORD_INTERVAL
    await failed_sign_ins.flush()
    await failed_sign_ins.flush()
    assert (await records(database))[2:] == [('ivanov', ADDRESS, 'попыток: 99')]


async def test_an_attack_from_many_addresses_leaves_few_records(
    auth: AuthServices, failed_sign_ins: FailedSignIns, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counted_sign_ins, 'MAX_COUNTED', 3)
    for number in range(10):
        await failed_sign_ins.record('ivanov', f'203.0.113.{number}')
    await failed_sign_ins.flush(everything=True)
    assert [what for _, _, what in await records(database)] == ['', '', '', '', 'попыток: 6']


async def test_nothing_counted_is_lost_at_a_stop_or_in_an_outage(
    auth: AuthServices, failed_sign_ins: FailedSignIns, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(work: object) -> None:
        raise DatabaseUnavailableError

    with monkeypatch.context() as outage:
        outage.setattr(database, 'write', fail)
        with pytest.raises(DatabaseError):
            await failed_sign_ins.record('ivanov', ADDRESS)
        auth.time += RECORD_INTERVAL
        with pytest.raises(DatabaseError):
            await failed_sign_ins.flush()
    await failed_sign_ins.stop()
    assert await records(database) == [('ivanov', ADDRESS, '')]


async def test_the_owner_sees_the_failed_attempts_at_the_next_sign_in_once(
    auth: AuthServices, failed_sign_ins: FailedSignIns
) -> None:
    with pytest.raises(AccountError):
        await auth.authentication.sign_in('ivanov', 'a wrong password', FIRST_CLIENT)
    await failed_sign_ins.record('ivanov', ADDRESS)
    entered = await auth.authentication.sign_in('ivanov', PASSWORD, FIRST_CLIENT)
    assert entered.failed_attempts == FailedAttempts(1, auth.time, ADDRESS)
    assert (await auth.authentication.sign_in('ivanov', PASSWORD, FIRST_CLIENT)).failed_attempts is None
