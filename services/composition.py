"""What can be asked and done: one file a capability, composed here into what the pages are given."""

from dataclasses import dataclass

from services.accounts.accounts import Accounts
from services.accounts.api_tokens import Tokens
from services.accounts.authentication import Entrance
from services.accounts.second_factor import SecondFactor
from services.accounts.sessions import Sessions
from services.accounts.users import Users
from services.audit.audit_log import Access
from services.audit.audit_records import AccessJournal
from services.balance.balance_factory import source
from services.call_list.call_list_service import CallBacks
from services.database.engine import Database
from services.documents.document_service import Exchange
from services.export.export_jobs import Exports
from services.ingest.ingest_queue import Intake
from services.lists.drafts import Drafts
from services.lists.organizations import Organizations
from services.lists.saved_searches import Searches
from services.lists.share_links import Links
from services.live_updates import Live
from services.messages.message_service import Messages
from services.monitoring.health import Health
from services.monitoring.metrics import CountedIntake, CountedMessages, Figures
from services.receipts.provider_codes import Codes
from services.settings import PROJECT, Settings
from services.summary.summaries import Summaries


@dataclass(frozen=True)
class Services:
    """Everything that a page may use."""

    settings: Settings
    database: Database
    messages: Messages
    exchange: Exchange
    organizations: Organizations
    accounts: Accounts
    users: Users
    sessions: Sessions
    factor: SecondFactor
    entrance: Entrance
    access: Access
    access_journal: AccessJournal
    live: Live
    intake: Intake
    tokens: Tokens
    codes: Codes
    figures: Figures
    health: Health
    links: Links
    drafts: Drafts
    searches: Searches
    exports: Exports
    summaries: Summaries
    callbacks: CallBacks


def compose(settings: Settings, database: Database) -> Services:
    """Put the services together over an open, migrated database."""
    figures = Figures()
    messages = CountedMessages(figures, database, settings.zone)
    organizations = Organizations(database)
    accounts = Accounts(database, settings.password_policy)
    sessions = Sessions(
        database,
        settings.session_limits,
        policy=settings.password_policy,
        require_second_factor=settings.require_second_factor,
    )
    factor = SecondFactor(database)
    links = Links(database, organizations)
    codes = Codes.read(PROJECT / 'data' / 'provider_codes.csv')
    live = Live(database, source(settings, database), messages)
    callbacks = CallBacks(database, settings.zone, codes)
    live.join(callbacks.look)
    return Services(
        settings=settings,
        database=database,
        messages=messages,
        exchange=Exchange(database, settings.zone),
        organizations=organizations,
        accounts=accounts,
        users=Users(database, accounts, sessions),
        sessions=sessions,
        factor=factor,
        entrance=Entrance(database, accounts, sessions, factor),
        access=Access(database),
        access_journal=AccessJournal(database, settings.zone),
        live=live,
        intake=CountedIntake(figures, database, settings.zone),
        tokens=Tokens(database),
        codes=codes,
        figures=figures,
        health=Health(database),
        links=links,
        drafts=Drafts(database),
        searches=Searches(database, messages, links),
        exports=Exports(settings.database_url, settings.zone, settings.storage_folder / 'exports'),
        summaries=Summaries(database, settings.zone),
        callbacks=callbacks,
    )
