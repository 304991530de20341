"""The commands that bind users and tokens to organisations, whose names contain commas and quotation marks."""

import asyncio

import pytest

from journal_ui.cli.argument_parser import parse_arguments
from journal_ui.cli.base_command import Command
from journal_ui.cli.console import CommandError
from services.accounts.accounts import AccountError
from services.accounts.api_tokens import ApiTokens
from services.accounts.users import Users
from services.composition import compose
from services.database.engine import Database
from services.database.tables import ORGANIZATION_TABLE
from services.dictionaries.entry_resolution import get_or_create_ids
from services.settings import Settings
from tests.helpers.auth_services import AuthServices, fast_password_hashing

FIRST, SECOND = 'ГБУЗ МО "Больница № 3", филиал [1]', 'Поликлиника, 2'


@pytest.fixture
def settings(database: Database) -> Settings:
    """The settings of a journal with two organisations and two users."""
    database.write_sync(lambda session: get_or_create_ids(session, ORGANIZATION_TABLE, [FIRST, SECOND]))
    with fast_password_hashing():
        auth = AuthServices(database)
        auth.add('chief', 'Admin')
        auth.add('anna', 'WebAdmin')
    return Settings(database_url=database.url.render_as_string(hide_password=False))


def run(settings: Settings, database: Database, *arguments: str) -> int:
    """Run a command."""
    _, command = parse_arguments(arguments)
    assert isinstance(command, Command)
    return command.run(settings, database)


def organizations(settings: Settings, database: Database) -> dict[str, tuple[str, ...] | None]:
    """Return the organisations of each user."""
    users: Users = compose(settings, database).users
    listed = asyncio.run(users.list_all())
    return {user.identity.name: None if user.organizations is None else tuple(user.organizations) for user in listed}


def test_a_user_is_bound_and_released(
    settings: Settings, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    run(settings, database, 'user', 'bind', 'anna', '--organization', FIRST, f'--organization={SECOND}')
    assert organizations(settings, database) == {'anna': tuple(sorted((FIRST, SECOND))), 'chief': None}
    assert FIRST in capsys.readouterr().out
    run(settings, database, 'user', 'list')
    assert f'anna  WebAdmin  {FIRST}, {SECOND}' in capsys.readouterr().out
    run(settings, database, 'user', 'bind', 'anna', '--all')
    assert organizations(settings, database)['anna'] is None
    for wrong in ((), ('--all', '--organization', FIRST)):
        with pytest.raises(CommandError, match='--organization'):
            run(settings, database, 'user', 'bind', 'anna', *wrong)
    with pytest.raises(AccountError, match='ограничить его нельзя'):
        run(settings, database, 'user', 'bind', 'chief', '--organization', FIRST)


def test_a_token_is_bound_to_several_organizations(
    settings: Settings, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    run(settings, database, 'token', 'add', 'clinic', '--organization', FIRST, '--organization', SECOND)
    run(settings, database, 'token', 'add', 'region')
    bound, free = ApiTokens(database).list_all()
    assert (bound.organizations, free.organizations) == (tuple(sorted((FIRST, SECOND))), None)
    capsys.readouterr()
    run(settings, database, 'token', 'list')
    assert f'clinic: {FIRST}, {SECOND}, выдан' in capsys.readouterr().out
