"""What can be asked and done: one file a capability, composed here into what the pages are given."""

from dataclasses import dataclass

from services.accounts import Accounts
from services.balance.sources import source
from services.database import Database
from services.export import Exports
from services.intake import Intake
from services.links import Links
from services.live import Live
from services.messages import Messages
from services.organizations import Organizations
from services.receipts.codes import Codes
from services.searches import Searches
from services.settings import PROJECT, Settings
from services.tokens import Tokens


@dataclass(frozen=True)
class Services:
    """Everything that a page may use."""

    settings: Settings
    database: Database
    messages: Messages
    organizations: Organizations
    accounts: Accounts
    live: Live
    intake: Intake
    tokens: Tokens
    codes: Codes
    links: Links
    searches: Searches
    exports: Exports


def compose(settings: Settings, database: Database) -> Services:
    """Put the services together over an open, migrated database."""
    messages = Messages(database, settings.zone)
    organizations = Organizations(database)
    links = Links(database, organizations)
    return Services(
        settings=settings,
        database=database,
        messages=messages,
        organizations=organizations,
        accounts=Accounts(database),
        live=Live(database, source(settings, database), messages),
        intake=Intake(database, settings.zone),
        tokens=Tokens(database),
        codes=Codes.read(PROJECT / 'data' / 'provider_codes.csv'),
        links=links,
        searches=Searches(database, messages, links),
        exports=Exports(settings.database_url, settings.zone, settings.storage_folder / 'exports'),
    )
