"""Composition of all services into the object that the pages receive."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from services import texts
from services.accounts.accounts import Accounts
from services.accounts.api_tokens import ApiTokens
from services.accounts.authentication import Authentication
from services.accounts.second_factor import SecondFactor
from services.accounts.sessions import Sessions
from services.accounts.users import Users
from services.audit.audit_log import AuditLog
from services.audit.audit_records import AuditRecords
from services.balance.balance_factory import create_balance_source
from services.call_list.call_list_service import CallListService
from services.database.engine import Database
from services.database.tables import MESSAGE_KIND_TABLE, ORGANIZATION_TABLE
from services.dictionaries.dictionary_editor import DictionaryEditor
from services.dictionaries.live_dictionaries import LiveDictionaries
from services.documents.document_service import DocumentService
from services.export.export_jobs import ExportJobs
from services.ingest.ingest_queue import IngestQueue
from services.lists.drafts import DraftStore
from services.lists.message_kinds import MessageKinds
from services.lists.organizations import Organizations
from services.lists.saved_searches import SavedSearches
from services.lists.share_links import ShareLinks
from services.live_updates import LiveUpdates
from services.messages.message_service import MessageService
from services.monitoring.health import HealthCheck
from services.monitoring.metrics import MeasuredIngestQueue, MeasuredMessageService, Metrics
from services.receipts.operator_codes import OperatorCodes
from services.receipts.provider_codes import ProviderCodes
from services.settings import PROJECT_ROOT, Settings
from services.summary.summaries import Summaries


@dataclass(frozen=True)
class Services:
    """The services that pages, commands and API endpoints use."""

    settings: Settings
    database: Database
    messages: MessageService
    documents: DocumentService
    organizations: Organizations
    kinds: MessageKinds
    dictionaries: LiveDictionaries
    organization_editor: DictionaryEditor
    kind_editor: DictionaryEditor
    accounts: Accounts
    users: Users
    sessions: Sessions
    second_factor: SecondFactor
    authentication: Authentication
    audit_log: AuditLog
    audit_records: AuditRecords
    live_updates: LiveUpdates
    ingest: IngestQueue
    api_tokens: ApiTokens
    provider_codes: ProviderCodes
    operator_codes: OperatorCodes
    metrics: Metrics
    health: HealthCheck
    share_links: ShareLinks
    drafts: DraftStore
    saved_searches: SavedSearches
    export_jobs: ExportJobs
    summaries: Summaries
    call_list: CallListService
    now: Callable[[], datetime]
    """Returns the current time (aware)."""


def compose(
    settings: Settings, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Services:
    """Build all services over a migrated database; `now` returns the current time (aware)."""
    metrics = Metrics()
    messages = MeasuredMessageService(metrics, database, settings.zone, now, settings.delivery_timeouts)
    accounts = Accounts(database, settings.password_policy)
    sessions = Sessions(
        database,
        settings.session_limits,
        policy=settings.password_policy,
        require_second_factor=settings.require_second_factor,
    )
    second_factor = SecondFactor(database)
    share_links = ShareLinks(database)
    provider_codes = ProviderCodes.load(PROJECT_ROOT / 'data' / 'provider_codes.csv')
    live_updates = LiveUpdates(database, create_balance_source(settings, database), messages)
    call_list = CallListService(database, settings.zone, provider_codes, now, settings.delivery_timeouts)
    live_updates.add_poller(call_list.poll)
    dictionaries = LiveDictionaries(database, live_updates.refresh_displayed_rows)
    live_updates.add_poller(dictionaries.poll)
    return Services(
        settings=settings,
        database=database,
        messages=messages,
        documents=DocumentService(database, settings.zone),
        organizations=Organizations(database),
        dictionaries=dictionaries,
        organization_editor=DictionaryEditor(database, ORGANIZATION_TABLE, texts.ORGANIZATIONS_TITLE),
        kind_editor=DictionaryEditor(database, MESSAGE_KIND_TABLE, texts.KINDS_TITLE),
        kinds=MessageKinds(database, accepts_unknown=settings.accepts_unknown_kinds),
        accounts=accounts,
        users=Users(database, accounts, sessions),
        sessions=sessions,
        second_factor=second_factor,
        authentication=Authentication(database, accounts, sessions, second_factor),
        audit_log=AuditLog(database),
        audit_records=AuditRecords(database, settings.zone),
        live_updates=live_updates,
        ingest=MeasuredIngestQueue(metrics, database, settings.zone, now),
        api_tokens=ApiTokens(database),
        provider_codes=provider_codes,
        operator_codes=OperatorCodes(database),
        metrics=metrics,
        health=HealthCheck(database),
        share_links=share_links,
        drafts=DraftStore(database),
        saved_searches=SavedSearches(database, messages, share_links),
        export_jobs=ExportJobs(
            settings.database_url, settings.zone, settings.storage_folder / 'exports', settings.delivery_timeouts
        ),
        summaries=Summaries(database, settings.zone),
        call_list=call_list,
        now=now,
    )
