"""The command line: what `python main.py` takes besides its settings."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from pydantic import Field
from pydantic_settings import CliPositionalArg

from journal_ui.command import Command
from journal_ui.terminal import FAILED, OK, Failed, progress, say
from journal_ui.user_commands import UserAdd, UserBlock, UserList, UserReset, UserUnblock
from services import demo, texts
from services.balance import parse_amount
from services.balance.ledger import Ledger
from services.database import Database
from services.feed.import_file import ImportReport, import_file
from services.formats import minute, money, whole
from services.settings import Settings, WrongSetting, load, option
from services.tokens import Tokens


class Import(Command):
    """Take messages in from a CSV file; taking the same file in again changes nothing."""

    file: CliPositionalArg[Path] = Field(description='CSV in UTF-8 or Windows-1251 with the columns of the journal')
    refused: Path | None = Field(None, description='Where refused rows go; NAME.refused.csv beside the file by default')

    def run(self, settings: Settings, database: Database) -> int:
        """Import; some refused rows make it a failure."""
        with progress(texts.IMPORT_PROGRESS) as show:
            report = import_file(database, self.file, settings.zone, refused=self.refused, progress=show)
        for line in said_import(report):
            say(line)
        return FAILED if report.refused else OK


class BalanceSet(Command):
    """Keep AMOUNT roubles as the balance of the account at the SMS provider."""

    amount: CliPositionalArg[str] = Field(description='1234.56 or "1 234,56"')

    def run(self, settings: Settings, database: Database) -> int:
        """Set the balance."""
        try:
            amount = parse_amount(self.amount)
        except ValueError as error:
            raise Failed(str(error)) from None
        Ledger(database).set(amount)
        say(texts.BALANCE_SET.format(sum=money(amount)))
        return OK


class Demo(Command):
    """Fill an empty database with made-up messages; the one of --demo unless another is named."""

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


class TokenAdd(Command):
    """Make a token for a mailing system, and print it once."""

    name: CliPositionalArg[str] = Field(description='Who will use it: stands in the history of messages')
    organization: str | None = Field(None, description='The only organisation that it may speak for; all by default')

    def run(self, settings: Settings, database: Database) -> int:
        """Make the token."""
        token = Tokens(database).add(self.name, self.organization)
        say(texts.TOKEN_ADDED.format(name=self.name, token=token))
        return OK


class TokenList(Command):
    """List the tokens, though never themselves."""

    def run(self, settings: Settings, database: Database) -> int:
        """List them."""
        tokens = Tokens(database).all()
        for token in tokens:
            revoked = minute(token.revoked_at, settings.zone)
            say(
                texts.TOKEN_LINE.format(
                    name=token.name,
                    organization=token.organization or texts.TOKEN_ALL_ORGANIZATIONS,
                    created=minute(token.created_at, settings.zone),
                    state=texts.TOKEN_ENDED.format(revoked=revoked) if revoked else texts.TOKEN_WORKS,
                )
            )
        if not tokens:
            say(texts.NO_TOKENS)
        return OK


class TokenRevoke(Command):
    """End a token at once."""

    name: CliPositionalArg[str] = Field(description='The name it was made with')

    def run(self, settings: Settings, database: Database) -> int:
        """End it."""
        Tokens(database).revoke(self.name)
        say(texts.TOKEN_REVOKED.format(name=self.name))
        return OK


COMMANDS: dict[tuple[str, ...], type[Command]] = {
    ('import',): Import,
    ('balance', 'set'): BalanceSet,
    ('user', 'add'): UserAdd,
    ('user', 'list'): UserList,
    ('user', 'block'): UserBlock,
    ('user', 'unblock'): UserUnblock,
    ('user', 'reset'): UserReset,
    ('demo',): Demo,
    ('token', 'add'): TokenAdd,
    ('token', 'list'): TokenList,
    ('token', 'revoke'): TokenRevoke,
}
"""By the words that call them. Each is read by itself: pydantic-settings tells the members of a union of commands
apart by their fields alone, and `demo` is a setting too."""


def read(arguments: Sequence[str]) -> tuple[Settings, Command | None]:
    """Read a command line: options, then perhaps a command; without one the pages are served.

    Raises:
        WrongSetting: see services.settings.load.
        SystemExit: only help was asked for, and given.
    """
    at = _command_at(arguments)
    options, rest = list(arguments[:at]), arguments[at:]
    words = next((words for words in COMMANDS if tuple(rest[: len(words)]) == words), None)
    if rest and words is None:
        known = ', '.join(' '.join(words) for words in COMMANDS)
        raise WrongSetting(texts.USAGE_NO_COMMAND.format(what=' '.join(rest[:2]), known=known))
    command = None
    if words:
        command = load(COMMANDS[words], rest[len(words) :], program=' '.join(('python main.py', *words)))
    try:
        settings = load(Settings, [*options, *(['--demo'] if isinstance(command, Demo) else [])])
    except SystemExit:
        say('\n'.join(_help()))
        raise
    return settings, command


def _command_at(arguments: Sequence[str]) -> int:
    """Tell where the options end and a command begins: past everything when an unknown option is to be refused."""
    switches = {'-h', '--help'}
    with_value = set()
    for name, field in Settings.model_fields.items():
        if field.annotation is bool:
            switches |= {option(name), option(f'no_{name}')}
        else:
            with_value.add(option(name))
    at = 0
    while at < len(arguments) and arguments[at].startswith('-'):
        name, given, _ = arguments[at].partition('=')
        if name not in with_value | switches:
            return len(arguments)
        at += 2 if name in with_value and not given else 1
    return at


def _help() -> list[str]:
    width = max(len(' '.join(words)) for words in COMMANDS)
    lines = [f'  {" ".join(words):{width}}  {kind.__doc__}' for words, kind in COMMANDS.items()]
    return ['', texts.USAGE_COMMANDS, *lines]


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
