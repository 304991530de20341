"""Commands for those who sign in, programs too, and for the account at the SMS provider."""

from pydantic import Field
from pydantic_settings import CliPositionalArg

from journal_ui.cli.base_command import Command
from journal_ui.cli.console import OK, Failed, say
from services import texts
from services.accounts.api_tokens import Tokens
from services.balance.balance_source import parse_amount
from services.balance.ledger_balance import Ledger
from services.database.engine import Database
from services.formats import minute, money
from services.settings import Settings


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
