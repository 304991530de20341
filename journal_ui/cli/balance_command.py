"""The command that sets the balance of the account with the SMS provider."""

from pydantic import Field
from pydantic_settings import CliPositionalArg

from journal_ui.cli.base_command import Command
from journal_ui.cli.console import EXIT_OK, CommandError, print_line
from services import texts
from services.balance.balance_source import parse_amount
from services.balance.ledger_balance import LedgerBalanceSource
from services.database.engine import Database
from services.formats import money
from services.settings import Settings


class BalanceSet(Command):
    """Set the balance of the account with the SMS provider to AMOUNT roubles."""

    amount: CliPositionalArg[str] = Field(description='1234.56 or "1 234,56"')

    def run(self, settings: Settings, database: Database) -> int:
        """Set the balance."""
        try:
            amount = parse_amount(self.amount)
        except ValueError as error:
            raise CommandError(str(error)) from None
        LedgerBalanceSource(database).set_balance(amount)
        print_line(texts.BALANCE_SET.format(sum=money(amount)))
        return EXIT_OK
