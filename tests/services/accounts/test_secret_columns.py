"""The secrets of the second factor are encrypted with the data key."""

import pyotp
import pytest
from sqlalchemy import select, update

from services.accounts.secret_columns import encrypt_stored_secrets, forget_data_key
from services.database.engine import Database
from services.database.tables import ACCOUNT_SESSION_TABLE, ACCOUNT_TABLE, STATE_TABLE
from services.keys.data_key import DataKey, DataKeyError
from tests.helpers.auth_services import PASSWORD, AuthServices

SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'


async def test_no_secret_of_a_second_factor_is_stored_in_clear(database: Database) -> None:
    auth = AuthServices(database)
    auth.add('ivanov')
    session = await auth.sessions.find(await auth.sign_in('ivanov'))
    assert session is not None
    secret = (await auth.factor.begin_setup(session)).secret.replace(' ', '')
    pending = await database.read(lambda one: one.execute(select(ACCOUNT_SESSION_TABLE.c.pending_secret)).scalar_one())
    await auth.factor.confirm_setup(session, pyotp.TOTP(secret).at(auth.time))
    stored = await database.read(lambda one: one.execute(select(ACCOUNT_TABLE.c.totp_secret)).scalar_one())
    assert pending.startswith('fernet:')
    assert stored.startswith('fernet:')
    assert secret not in pending + stored


async def test_secrets_of_a_former_version_are_encrypted_and_go_on_working(database: Database) -> None:
    auth = AuthServices(database)
    auth.add('ivanov')
    database.write_sync(lambda one: one.execute(update(ACCOUNT_TABLE).values(totp_secret=SECRET)) and None)
    for _ in range(2):
        encrypt_stored_secrets(database, DataKey('k' * 32))
        stored = await database.read(lambda one: one.execute(select(ACCOUNT_TABLE.c.totp_secret)).scalar_one())
        assert SECRET not in stored
    half_open = await auth.sessions.find(await auth.sign_in('ivanov'))
    assert half_open is not None
    assert await auth.factor.use_code(half_open, pyotp.TOTP(SECRET).at(auth.time))


async def test_a_lost_key_costs_every_second_factor_and_nothing_else(database: Database) -> None:
    auth = AuthServices(database)
    auth.add('ivanov')
    auth.add('petrov')
    database.write_sync(
        lambda one: (
            one.execute(update(ACCOUNT_TABLE).where(ACCOUNT_TABLE.c.name == 'ivanov').values(totp_secret=SECRET))
            and None
        )
    )
    encrypt_stored_secrets(database, DataKey('lost' * 8))
    half_open = await auth.sessions.find(await auth.sign_in('ivanov'))
    assert half_open is not None
    with pytest.raises(DataKeyError):
        await auth.factor.use_code(half_open, '123456')
    assert forget_data_key(database) == 1
    assert await database.read(lambda one: one.execute(select(STATE_TABLE.c.data_key_check)).scalar_one()) is None
    entered = await auth.sessions.find(await auth.sign_in('ivanov'))
    assert entered is not None
    assert entered.required_step is None
    assert await auth.accounts.verify_credentials('petrov', PASSWORD)
