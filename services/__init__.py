"""What can be asked and done: one file a capability, composed here into what the pages are given."""

from dataclasses import dataclass

from services.accounts import Accounts
from services.accounts.entrance import Entrance
from services.accounts.second_factor import SecondFactor
from services.accounts.sessions import Sessions
from services.accounts.users import Users
from services.balance.sources import source
from services.database import Database
from services.intake import Intake
from services.live import Live
from services.messages import Messages
from services.organizations import Organizations
from services.receipts.codes import Codes
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
    users: Users
    sessions: Sessions
    factor: SecondFactor
    entrance: Entrance
    live: Live
    intake: Intake
    tokens: Tokens
    codes: Codes


def compose(settings: Settings, database: Database) -> Services:
    """Put the services together over an open, migrated database."""
    messages = Messages(database, settings.zone)
    accounts = Accounts(database, settings.password_policy)
    sessions = Sessions(
        database,
        settings.session_limits,
        policy=settings.password_policy,
        require_second_factor=settings.require_second_factor,
    )
    factor = SecondFactor(database)
    return Services(
        settings=settings,
        database=database,
        messages=messages,
        organizations=Organizations(database),
        accounts=accounts,
        users=Users(database, accounts, sessions),
        sessions=sessions,
        factor=factor,
        entrance=Entrance(database, accounts, sessions, factor),
        live=Live(database, source(settings, database), messages),
        intake=Intake(database, settings.zone),
        tokens=Tokens(database),
        codes=Codes.read(PROJECT / 'data' / 'provider_codes.csv'),
    )
