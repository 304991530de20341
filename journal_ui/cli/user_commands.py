"""`python main.py user …`: for the first users, and when the last administrator has lost his password."""

import asyncio
import sys
from getpass import getpass

from pydantic import Field
from pydantic_settings import CliPositionalArg

from journal_ui.cli.base_command import Command
from journal_ui.cli.console import OK, Failed, say
from services import texts
from services.accounts.accounts import Accounts, User
from services.accounts.users import Users
from services.composition import compose
from services.database.engine import Database
from services.formats import minute
from services.settings import Settings


class UserAdd(Command):
    """Add somebody who may sign in."""

    name: CliPositionalArg[str] = Field(description='The name to sign in with; case does not matter')
    role: str = Field(description='Admin, WebAdmin, or User, who enters no journal')
    password_stdin: bool = Field(False, description='Read the password from the standard input')

    def run(self, settings: Settings, database: Database) -> int:
        """Add the user."""
        password = sys.stdin.readline().rstrip('\r\n') if self.password_stdin else _ask_password()
        person = Accounts(database, settings.password_policy).add(self.name, self.role, password)
        say(texts.ACCOUNT_ADDED.format(name=person.name, role=person.role))
        say(texts.ACCOUNT_MUST_CHANGE)
        return OK


class UserList(Command):
    """List the users, whether they work, and when they last signed in."""

    def run(self, settings: Settings, database: Database) -> int:
        """List them."""
        users = asyncio.run(_users(settings, database).all())
        for user in users:
            signed_in = minute(user.signed_in_at, settings.zone) or texts.USER_NEVER
            line = {'name': user.person.name, 'role': user.person.role, 'state': _state(user), 'signed_in': signed_in}
            say(texts.ACCOUNT_LINE.format(**line))
        if not users:
            say(texts.ACCOUNT_NONE)
        return OK


class UserBlock(Command):
    """Let a user in no more, and close his open pages."""

    name: CliPositionalArg[str] = Field(description='The name to sign in with')

    def run(self, settings: Settings, database: Database) -> int:
        """Block him."""

        async def block(users: Users) -> str:
            person = await users.find(self.name)
            await users.block(None, person)
            return person.name

        say(texts.USER_DONE['block'].format(name=asyncio.run(block(_users(settings, database)))))
        return OK


class UserUnblock(Command):
    """Let a blocked user in again."""

    name: CliPositionalArg[str] = Field(description='The name to sign in with')

    def run(self, settings: Settings, database: Database) -> int:
        """Unblock him."""

        async def unblock(users: Users) -> str:
            person = await users.find(self.name)
            await users.unblock(None, person)
            return person.name

        say(texts.USER_DONE['unblock'].format(name=asyncio.run(unblock(_users(settings, database)))))
        return OK


class UserReset(Command):
    """Give a user a new random password, printed once; takes the second factor away."""

    name: CliPositionalArg[str] = Field(description='The name to sign in with')

    def run(self, settings: Settings, database: Database) -> int:
        """Reset it."""

        async def reset(users: Users) -> tuple[str, str]:
            person = await users.find(self.name)
            return person.name, await users.reset(None, person)

        name, password = asyncio.run(reset(_users(settings, database)))
        say(texts.ACCOUNT_RESET.format(name=name, password=password))
        return OK


def _users(settings: Settings, database: Database) -> Users:
    return compose(settings, database).users


def _state(user: User) -> str:
    if user.blocked_at:
        return texts.USER_BLOCKED
    return texts.USER_MUST_CHANGE if user.must_change else texts.USER_WORKS


def _ask_password() -> str:
    if not sys.stdin.isatty():
        raise Failed(texts.PASSWORD_NOWHERE)
    password = getpass(texts.PASSWORD_ASKED)
    if password != getpass(texts.PASSWORD_AGAIN):
        raise Failed(texts.PASSWORDS_DIFFER)
    return password
