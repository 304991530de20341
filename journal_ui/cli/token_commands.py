"""Commands for API tokens."""

from collections.abc import Set
from typing import ClassVar

from pydantic import Field
from pydantic_settings import CliPositionalArg

from journal_ui.cli.base_command import Command, split_values
from journal_ui.cli.console import EXIT_OK, print_line
from services import texts
from services.access_scope.scope_words import describe_organizations
from services.accounts.api_tokens import ApiTokens
from services.database.engine import Database
from services.formats import date_and_minute
from services.settings import Settings


class TokenAdd(Command):
    """Create an API token for a mailing system and print it once."""

    name: CliPositionalArg[str] = Field(description='Name of the system that uses it; shown in the history of messages')
    organization: str = Field('', description='The only organisation it may act for; repeat it for several')
    repeated: ClassVar[Set[str]] = frozenset({'organization'})

    def run(self, settings: Settings, database: Database) -> int:
        """Create the token."""
        token = ApiTokens(database).add(self.name, *split_values(self.organization))
        print_line(texts.TOKEN_ADDED.format(name=self.name, token=token))
        return EXIT_OK


class TokenList(Command):
    """List the API tokens without their secret values."""

    def run(self, settings: Settings, database: Database) -> int:
        """Print a line for each token."""
        tokens = ApiTokens(database).list_all()
        for token in tokens:
            revoked = date_and_minute(token.revoked_at, settings.zone)
            print_line(
                texts.TOKEN_LINE.format(
                    name=token.name,
                    organization=describe_organizations(token.organizations),
                    created=date_and_minute(token.created_at, settings.zone),
                    state=texts.TOKEN_REVOKED_AT.format(revoked=revoked) if revoked else texts.TOKEN_ACTIVE,
                )
            )
        if not tokens:
            print_line(texts.NO_TOKENS)
        return EXIT_OK


class TokenRevoke(Command):
    """Revoke an API token at once."""

    name: CliPositionalArg[str] = Field(description='The name that it was created with')

    def run(self, settings: Settings, database: Database) -> int:
        """Revoke the token."""
        ApiTokens(database).revoke(self.name)
        print_line(texts.TOKEN_REVOKED.format(name=self.name))
        return EXIT_OK
