"""Composition of all services into the object that the pages receive."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from services import texts
from services.access_scope.organization_scope import OrganizationScope
from services.access_scope.scoped_services import limit_services
from services.accounts.accounts import Accounts
from services.accounts.api_tokens import ApiTokens
from services.accounts.authentication import Authentication
from services.accounts.failed_sign_ins import FailedSignIns
from services.accounts.identity import AllowedAccounts
from services.accounts.second_factor import SecondFactor
from services.accounts.secret_columns import encrypt_stored_secrets
from services.accounts.sessions import Sessions
from services.accounts.users import Users
from services.audit.anchors import AnchorFile, AuditAnchors
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
from services.imports.import_jobs import ImportJobs
from services.ingest.ingest_queue import IngestQueue
from services.keys.data_key import DataKey, open_data_key
from services.lists.drafts import DraftStore
from services.lists.message_kinds import MessageKinds
from services.lists.organizations import Organizations
from services.lists.saved_searches import SavedSearches
from services.lists.share_links import ShareLinks
from services.live_updates import LiveUpdates
from services.messages.message_service import MessageService
from services.messages.reading.message_reader import MessageReader
from services.messages.suggestions.message_suggestions import MessageSuggestions
from services.monitoring.health import HealthCheck
from services.monitoring.metrics import MeasuredIngestQueue, MeasuredMessageService, Metrics
from services.notifications.alert_notifier import AlertNotifier
from services.notifications.notifier_factory import create_alert_notifier
from services.oidc.oidc_settings import EVERY_LOCAL_ACCOUNT
from services.oidc.openid_connect import OpenIdConnect, create_openid_connect
from services.overview.alerts import Alerts, AlertThresholds
from services.overview.error_jumps import JumpThresholds
from services.overview.overview import Overview
from services.overview.queue_health import QueueThresholds
from services.person_story.person_story_service import PersonStories
from services.program_folders import DATA_FOLDER
from services.receipts.operator_codes import OperatorCodes
from services.receipts.provider_codes import ProviderCodes
from services.settings import Settings
from services.status_polling.poller_factory import create_status_poller
from services.status_polling.status_poller import StatusPoller
from services.summary.summaries import Summaries
from services.webhooks.webhook_sender import WebhookSender
from services.webhooks.webhooks import Webhooks


@dataclass(frozen=True)
class Services:
    """The services that pages, commands and API endpoints use."""

    settings: Settings
    database: Database
    data_key: DataKey
    messages: MessageService
    message_suggestions: MessageSuggestions
    message_reader: MessageReader
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
    openid_connect: OpenIdConnect | None
    failed_sign_ins: FailedSignIns
    audit_log: AuditLog
    audit_anchors: AuditAnchors
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
    import_jobs: ImportJobs
    summaries: Summaries
    call_list: CallListService
    person_stories: PersonStories
    overview: Overview
    alerts: Alerts
    alert_notifier: AlertNotifier
    webhooks: Webhooks
    webhook_sender: WebhookSender
    status_poller: StatusPoller | None
    now: Callable[[], datetime]
    """Returns the current time (aware)."""

    def within(self, scope: OrganizationScope | None) -> Self:
        """Return the services for a user or a token with this scope; these services if it has none."""
        return self if scope is None else limit_services(self, scope)

    async def prepare(self) -> None:
        """Read what pages of a scope show at once, unless it is known already because such a page is open."""
        await asyncio.gather(self.live_updates.prepare(), self.overview.prepare())


def compose(
    settings: Settings, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Services:
    """Build all services over a migrated database; `now` returns the current time (aware).

    Raises as `load_data_key` does.
    """
    data_key = load_data_key(settings, database)
    metrics = Metrics()
    messages = MeasuredMessageService(metrics, database, settings.zone, now, settings.delivery_timeouts)
    allowed_accounts = _allowed_accounts(settings)
    accounts = Accounts(database, settings.password_policy, allowed_accounts=allowed_accounts)
    sessions = Sessions(
        database,
        settings.session_limits,
        policy=settings.password_policy,
        require_second_factor=settings.require_second_factor,
        allowed_accounts=allowed_accounts,
    )
    second_factor = SecondFactor(database, data_key)
    encrypt_stored_secrets(database, data_key)
    share_links = ShareLinks(database, now)
    provider_codes = ProviderCodes.load(DATA_FOLDER / 'provider_codes.csv', settings.providers)
    live_updates = LiveUpdates(database, create_balance_source(settings, database), messages)
    call_list = CallListService(database, settings.zone, provider_codes, now, settings.delivery_timeouts)
    live_updates.add_poller(call_list.poll)
    overview = Overview(database, settings.zone, call_list, now, _queue_thresholds(settings))
    live_updates.add_poller(overview.poll)
    live_updates.subscribe_availability(overview.set_available)
    alert_notifier = create_alert_notifier(settings, database, now)
    thresholds = _alert_thresholds(settings)
    alerts = Alerts(database, settings.zone, overview, live_updates, now, thresholds, alert_notifier.record)
    live_updates.add_poller(alerts.poll)
    webhook_sender = WebhookSender(database, data_key, now)
    live_updates.add_poller(webhook_sender.poll)
    ingest = MeasuredIngestQueue(metrics, database, settings.zone, now)
    dictionaries = LiveDictionaries(database, live_updates.refresh_displayed_rows)
    live_updates.add_poller(dictionaries.poll)
    return Services(
        settings=settings,
        database=database,
        data_key=data_key,
        messages=messages,
        message_suggestions=MessageSuggestions(messages),
        message_reader=MessageReader(database, messages),
        documents=DocumentService(database, settings.zone),
        organizations=Organizations(database),
        dictionaries=dictionaries,
        organization_editor=DictionaryEditor(database, ORGANIZATION_TABLE, texts.ORGANIZATIONS_TITLE),
        kind_editor=DictionaryEditor(database, MESSAGE_KIND_TABLE, texts.KINDS_TITLE),
        kinds=MessageKinds(database, accepts_unknown=settings.unknown_kinds == 'accept'),
        accounts=accounts,
        users=Users(database, accounts, sessions),
        sessions=sessions,
        second_factor=second_factor,
        authentication=Authentication(database, accounts, sessions, second_factor),
        openid_connect=create_openid_connect(settings.oidc, database, sessions, data_key, now),
        failed_sign_ins=FailedSignIns(database, accounts),
        audit_log=AuditLog(database, data_key=data_key),
        audit_anchors=_compose_anchors(settings, database, data_key, now),
        audit_records=AuditRecords(database, settings.zone, data_key=data_key),
        live_updates=live_updates,
        ingest=ingest,
        api_tokens=ApiTokens(database),
        provider_codes=provider_codes,
        operator_codes=OperatorCodes(database),
        metrics=metrics,
        health=HealthCheck(database),
        share_links=share_links,
        drafts=DraftStore(database),
        saved_searches=SavedSearches(database, messages, share_links, now),
        export_jobs=ExportJobs(
            settings.database_url, settings.zone, settings.storage_folder / 'exports', settings.delivery_timeouts
        ),
        import_jobs=ImportJobs(
            settings.database_url,
            settings.zone,
            settings.storage_folder / 'uploads',
            accepts_unknown_kinds=settings.unknown_kinds == 'accept',
        ),
        summaries=Summaries(database, settings.zone, now),
        call_list=call_list,
        person_stories=PersonStories(database, settings.zone, now, settings.delivery_timeouts),
        overview=overview,
        alerts=alerts,
        alert_notifier=alert_notifier,
        webhooks=Webhooks(database, data_key, now),
        webhook_sender=webhook_sender,
        status_poller=create_status_poller(settings, database, ingest, provider_codes, metrics, now),
        now=now,
    )


def _allowed_accounts(settings: Settings) -> AllowedAccounts:
    only_local = '' if settings.local_accounts == EVERY_LOCAL_ACCOUNT else settings.local_accounts
    return AllowedAccounts(only_local, settings.oidc_issuer)


def _queue_thresholds(settings: Settings) -> QueueThresholds:
    return QueueThresholds(
        warning=timedelta(minutes=settings.queue_warning_minutes),
        alarm=timedelta(minutes=settings.queue_alarm_minutes),
        silence=timedelta(minutes=settings.queue_silence_minutes),
    )


def _alert_thresholds(settings: Settings) -> AlertThresholds:
    return AlertThresholds(
        errors=JumpThresholds(settings.alert_errors, settings.alert_growth),
        receipts=timedelta(minutes=settings.alert_receipts_minutes),
        balance=settings.balance_alert,
    )


def load_data_key(settings: Settings, database: Database) -> DataKey:
    """Return the data key of a migrated database; raises as services.keys.data_key.open_data_key does."""
    return open_data_key(
        database, settings.storage_folder, data_key=settings.data_key, storage_secret=settings.storage_secret
    )


def _compose_anchors(
    settings: Settings, database: Database, data_key: DataKey, now: Callable[[], datetime]
) -> AuditAnchors:
    # The demonstration may be deleted at any time, which is no tampering.
    is_lasting = not settings.uses_demo_database
    anchor_file = AnchorFile(settings.storage_folder, database.url, data_key) if is_lasting else None
    return AuditAnchors(database, data_key, anchor_file, timedelta(minutes=settings.audit_anchor_minutes), now)
