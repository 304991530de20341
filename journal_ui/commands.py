"""The command line: what `python main.py` takes besides its settings."""

import sys
from collections.abc import Callable
from datetime import datetime
from getpass import getpass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, Field
from pydantic_settings import CliPositionalArg, CliSubCommand

from journal_ui.terminal import FAILED, OK, Failed, progress, say
from services import demo, texts
from services.accounts import Accounts
from services.balance import Ledger, parse_amount
from services.database import Database
from services.formats import money, whole
from services.import_file import ImportReport, import_file
from services.settings import Settings

M = TypeVar('M', bound=type[BaseModel])


def _called(name: str) -> Callable[[M], M]:
    """Name a command: pydantic-settings takes the name of the class, and `import` can be none."""

    def rename(model: M) -> M:
        model.__name__ = name
        return model

    return rename


@_called('import')
class Import(BaseModel):
    """Take messages in from a CSV file; again and again changes nothing."""

    file: CliPositionalArg[Path] = Field(description='CSV in UTF-8 or Windows-1251 with the columns of the journal')
    refused: Path | None = Field(None, description='Where refused rows go; NAME.refused.csv beside the file by default')

    def run(self, settings: Settings, database: Database) -> int:
        """Import; some refused rows make it a failure."""
        with progress(texts.IMPORT_PROGRESS) as show:
            report = import_file(database, self.file, settings.zone, refused=self.refused, progress=show)
        for line in said_import(report):
            say(line)
        return FAILED if report.refused else OK


class BalanceSet(BaseModel):
    """Keep AMOUNT roubles as the balance of the account at the SMS provider."""

    amount: CliPositionalArg[str] = Field(description='1234.56 or "1 234,56"')


@_called('balance')
class Balance(BaseModel):
    """Set the balance at the foot of the journal."""

    set: CliSubCommand[BalanceSet]

    def run(self, settings: Settings, database: Database) -> int:
        """Set the balance."""
        if self.set is None:
            raise Failed(texts.USAGE_MISSING.format(what='balance set'))
        try:
            amount = parse_amount(self.set.amount)
        except ValueError as error:
            raise Failed(str(error)) from None
        Ledger(database).set(amount)
        say(texts.BALANCE_SET.format(sum=money(amount)))
        return OK


class UserAdd(BaseModel):
    """Add somebody who may sign in."""

    name: CliPositionalArg[str] = Field(description='The name to sign in with; case does not matter')
    role: str = Field(description='Admin, WebAdmin, or User, who enters no journal')
    password_stdin: bool = Field(False, description='Read the password from the standard input')


@_called('user')
class User(BaseModel):
    """Manage who may sign in."""

    add: CliSubCommand[UserAdd]

    def run(self, settings: Settings, database: Database) -> int:
        """Add a user."""
        if self.add is None:
            raise Failed(texts.USAGE_MISSING.format(what='user add'))
        password = sys.stdin.readline().rstrip('\r\n') if self.add.password_stdin else _ask_password()
        person = Accounts(database).add(self.add.name, self.add.role, password)
        say(texts.ACCOUNT_ADDED.format(name=person.name, role=person.role))
        return OK


@_called('demo')
class Demo(BaseModel):
    """Fill an empty database with made-up messages."""

    messages: int = Field(20_000, ge=1, description='How many')
    seed: int = Field(20211010, description='The same number gives the same messages')

    def run(self, settings: Settings, database: Database) -> int:
        """Fill the database."""
        try:
            fill_demonstration(settings, database, self.messages, self.seed)
        except demo.NotEmpty:
            raise Failed(texts.DEMO_NOT_EMPTY.format(database=settings.database_shown)) from None
        say(texts.DEMO_FILLED.format(count=whole(self.messages), database=settings.database_shown))
        return OK


class CommandLine(Settings):
    """The journal of sent messages. Without a command it serves its pages; options go before the command."""

    command: CliSubCommand[Import | Balance | User | Demo]

    @property
    def wants_demo(self) -> bool:
        """Whether made-up messages are meant, by `--demo` or by the command."""
        return self.demo or isinstance(self.command, Demo)


def fill_demonstration(settings: Settings, database: Database, count: int = 20_000, seed: int = 20211010) -> None:
    """Fill an empty database with made-up messages of the last three months; raises as services.demo.fill does."""
    today = datetime.now(settings.zone).date()
    with progress(texts.DEMO_PROGRESS) as show:
        demo.fill(database, settings.zone, today=today, count=count, seed=seed, progress=show)


def said_import(report: ImportReport) -> list[str]:
    """Say in lines what an import came to."""
    accepted = report.created + report.updated + report.unchanged
    lines = [texts.IMPORT_ACCEPTED.format(count=whole(accepted))]
    if accepted and accepted == report.unchanged:
        lines.append(texts.IMPORT_NOTHING_NEW)
    elif accepted:
        parts = {'created': report.created, 'updated': report.updated, 'unchanged': report.unchanged}
        lines.append(texts.IMPORT_PARTS.format(**{name: whole(count) for name, count in parts.items()}))
    lines.append(texts.IMPORT_REFUSED.format(count=whole(report.refused)))
    if report.refused_path:
        lines.append(texts.IMPORT_REFUSED_FILE.format(path=report.refused_path))
    return lines


def _ask_password() -> str:
    if not sys.stdin.isatty():
        raise Failed(texts.PASSWORD_NOWHERE)
    password = getpass(texts.PASSWORD_ASKED)
    if password != getpass(texts.PASSWORD_AGAIN):
        raise Failed(texts.PASSWORDS_DIFFER)
    return password
