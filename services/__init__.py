"""What can be asked and done: one file a capability, composed here into what the pages are given."""

from dataclasses import dataclass

from services.accounts import Accounts
from services.balance.sources import source
from services.callbacks import CallBacks
from services.database import Database
from services.intake import Intake
from services.live import Live
from services.messages import Messages
from services.organizations import Organizations
from services.receipts.codes import Codes
from services.settings import PROJECT, Settings
from services.summary import Summaries
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
    summaries: Summaries
    callbacks: CallBacks


def compose(settings: Settings, database: Database) -> Services:
    """Put the services together over an open, migrated database."""
    messages = Messages(database, settings.zone)
    codes = Codes.read(PROJECT / 'data' / 'provider_codes.csv')
    live = Live(database, source(settings, database), messages)
    callbacks = CallBacks(database, settings.zone, codes)
    live.join(callbacks.look)
    return Services(
        settings=settings,
        database=database,
        messages=messages,
        organizations=Organizations(database),
        accounts=Accounts(database),
        live=live,
        intake=Intake(database, settings.zone),
        tokens=Tokens(database),
        codes=codes,
        summaries=Summaries(database, settings.zone),
        callbacks=callbacks,
    )
