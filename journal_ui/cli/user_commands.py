"""`python main.py user …`: commands for user accounts, also for an administrator who has lost the password."""

import asyncio
import sys
from collections.abc import Set
from getpass import getpass
from typing import ClassVar

from pydantic import Field
from pydantic_settings import CliPositionalArg

from journal_ui.cli.base_command import Command, split_values
from journal_ui.cli.console import EXIT_OK, CommandError, print_line
from services import texts
from services.access_scope.scope_words import describe_organizations
from services.accounts.accounts import Accounts, UserAccount
from services.accounts.users import Users
from services.composition import compose
from services.database.engine import Database
from services.formats import date_and_minute
from services.settings import Settings


class UserAdd(Command):
    """Add a user."""

    name: CliPositionalArg[str] = Field(description='Name to sign in with; not case-sensitive')
    role: str = Field(description='Admin, WebAdmin or User; User may open no journal')
    password_stdin: bool = Field(False, description='Read the password from the standard input')

    def run(self, settings: Settings, database: Database) -> int:
        """Add the user."""
        password = sys.stdin.readline().rstrip('\r\n') if self.password_stdin else _ask_password()
        person = Accounts(database, settings.password_policy).add(self.name, self.role, password)
        print_line(texts.ACCOUNT_ADDED.format(name=person.name, role=person.role))
        print_line(texts.ACCOUNT_MUST_CHANGE)
        return EXIT_OK


class UserList(Command):
    """List the users with their state and last sign-in."""

    def run(self, settings: Settings, database: Database) -> int:
        """Print a line for each user."""
        users = asyncio.run(_users(settings, database).list_all())
        for user in users:
            signed_in = date_and_minute(user.signed_in_at, settings.zone) or texts.USER_NEVER
            line = {
                'name': user.identity.name,
                'role': user.identity.role,
                'organizations': describe_organizations(user.organizations),
                'state': _state(user),
                'signed_in': signed_in,
            }
            print_line(texts.ACCOUNT_LINE.format(**line))
        if not users:
            print_line(texts.ACCOUNT_NONE)
        return EXIT_OK


class UserBlock(Command):
    """Block a user and close their open pages."""

    name: CliPositionalArg[str] = Field(description='Name to sign in with')

    def run(self, settings: Settings, database: Database) -> int:
        """Block the user."""

        async def block(users: Users) -> str:
            person = await users.find(self.name)
            await users.block(None, person)
            return person.name

        print_line(texts.USER_DONE['block'].format(name=asyncio.run(block(_users(settings, database)))))
        return EXIT_OK


class UserUnblock(Command):
    """Unblock a user."""

    name: CliPositionalArg[str] = Field(description='Name to sign in with')

    def run(self, settings: Settings, database: Database) -> int:
        """Unblock the user."""

        async def unblock(users: Users) -> str:
            person = await users.find(self.name)
            await users.unblock(None, person)
            return person.name

        print_line(texts.USER_DONE['unblock'].format(name=asyncio.run(unblock(_users(settings, database)))))
        return EXIT_OK


class UserReset(Command):
    """Set a new random password, print it once, and remove the second factor."""

    name: CliPositionalArg[str] = Field(description='Name to sign in with')

    def run(self, settings: Settings, database: Database) -> int:
        """Reset the password and the second factor."""

        async def reset(users: Users) -> tuple[str, str]:
            person = await users.find(self.name)
            return person.name, await users.reset_password(None, person)

        name, password = asyncio.run(reset(_users(settings, database)))
        print_line(texts.ACCOUNT_RESET.format(name=name, password=password))
        return EXIT_OK


class UserBind(Command):
    """Limit a user to the data of some organisations, or lift the limit, and close their open pages."""

    name: CliPositionalArg[str] = Field(description='Name to sign in with')
    organization: str = Field('', description='An organisation whose data the user may read; repeat it for several')
    all: bool = Field(False, description='Lift the restriction')
    repeated: ClassVar[Set[str]] = frozenset({'organization'})

    def run(self, settings: Settings, database: Database) -> int:
        """Bind the user."""
        names = split_values(self.organization)
        if self.all == bool(names):
            raise CommandError(texts.USER_BIND_USAGE)

        async def bind(users: Users) -> str:
            person = await users.find(self.name)
            await users.bind(None, person, None if self.all else names)
            return person.name

        name = asyncio.run(bind(_users(settings, database)))
        print_line(texts.USER_BOUND.format(name=name, organizations=describe_organizations(names or None)))
        return EXIT_OK


def _users(settings: Settings, database: Database) -> Users:
    return compose(settings, database).users


def _state(user: UserAccount) -> str:
    if user.blocked_at:
        return texts.USER_BLOCKED
    return texts.USER_MUST_CHANGE if user.must_change else texts.USER_WORKS


def _ask_password() -> str:
    if not sys.stdin.isatty():
        raise CommandError(texts.PASSWORD_NO_TERMINAL)
    password = getpass(texts.PASSWORD_PROMPT)
    if password != getpass(texts.PASSWORD_PROMPT_AGAIN):
        raise CommandError(texts.PASSWORDS_DIFFER)
    return password
