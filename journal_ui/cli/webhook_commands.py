"""Commands for webhooks."""

from pydantic import Field
from pydantic_settings import CliPositionalArg

from journal_ui.cli.base_command import Command
from journal_ui.cli.console import EXIT_OK, print_line
from services import texts
from services.composition import load_data_key
from services.database.engine import Database
from services.formats import date_and_minute, integer
from services.settings import Settings
from services.webhooks.webhooks import Webhooks


class WebhookAdd(Command):
    """Add a webhook for the changes of messages from now on, and print its secret once."""

    name: CliPositionalArg[str] = Field(description='Name of the system that receives it')
    url: CliPositionalArg[str] = Field(description='URL to which the changes are sent')
    organization: str | None = Field(None, description='The only organisation whose messages are sent; by default all')

    def run(self, settings: Settings, database: Database) -> int:
        """Add the webhook."""
        secret = _webhooks(settings, database).add(self.name, self.url, self.organization)
        print_line(texts.WEBHOOK_ADDED.format(name=self.name, secret=secret))
        return EXIT_OK


class WebhookList(Command):
    """List the webhooks without their secrets, and whether they accept what is sent."""

    def run(self, settings: Settings, database: Database) -> int:
        """Print a line for each webhook."""
        webhooks = _webhooks(settings, database).list_sync()
        for webhook in webhooks:
            state = texts.WEBHOOK_STATE_OK
            if webhook.failure:
                at = date_and_minute(webhook.next_attempt_at, settings.zone)
                state = texts.WEBHOOK_STATE_FAILING.format(failure=webhook.failure, at=at)
            print_line(
                texts.WEBHOOK_LINE.format(
                    name=webhook.name,
                    url=webhook.url,
                    organization=webhook.organization or texts.TOKEN_ALL_ORGANIZATIONS,
                    state=state,
                    given_up=integer(webhook.given_up),
                )
            )
        if not webhooks:
            print_line(texts.NO_WEBHOOKS)
        return EXIT_OK


class WebhookRemove(Command):
    """Remove a webhook and what was not sent to it."""

    name: CliPositionalArg[str] = Field(description='The name that it was added with')

    def run(self, settings: Settings, database: Database) -> int:
        """Remove the webhook."""
        _webhooks(settings, database).remove(self.name)
        print_line(texts.WEBHOOK_REMOVED.format(name=self.name))
        return EXIT_OK


class WebhookRetry(Command):
    """Send again what a webhook did not accept for a day."""

    name: CliPositionalArg[str] = Field(description='The name that it was added with')

    def run(self, settings: Settings, database: Database) -> int:
        """Queue the deliveries again."""
        count = _webhooks(settings, database).retry(self.name)
        print_line(texts.WEBHOOK_RETRIED.format(name=self.name, count=integer(count)))
        return EXIT_OK


def _webhooks(settings: Settings, database: Database) -> Webhooks:
    return Webhooks(database, load_data_key(settings, database))
