"""The routes: every URL of the program, as a table of contents."""

from journal_ui import root_path
from journal_ui.api import api_app
from journal_ui.filters import phone_filter
from journal_ui.layout import connection_marks, focus_recovery, keyboard_shortcuts, notifications, outage_banner
from journal_ui.layout.navigation import ADMIN_ROLES
from journal_ui.layout.theme import stylesheet
from journal_ui.list_page import export_button
from journal_ui.monitoring import error_reporting, request_logging
from journal_ui.nicegui_patches import binding_registry, early_events, gc_tuning, outbox, script_nonces, socket_events
from journal_ui.pages import (
    documents,
    error_pages,
    help_page,
    home,
    message_link,
    messages,
    person,
)
from journal_ui.pages.accounts import account, login
from journal_ui.pages.admin import audit_log, dictionaries, error_codes, users
from journal_ui.pages.calls import call_list
from journal_ui.pages.imports import import_page, upload_route
from journal_ui.pages.oidc import oidc_sign_in_page, oidc_sign_out_page
from journal_ui.pages.summary import summary_page
from journal_ui.security import allowed_hosts, browser_sessions, framing
from journal_ui.security.auth_middleware import ProtectedPages
from journal_ui.security.sign_in_audit import SignInAudit
from services.accounts.accounts import JOURNAL_ROLES
from services.composition import Services


def register(services: Services) -> None:
    """Register every page, the API, the monitoring endpoints and the patches of NiceGUI."""
    root_path.set_root_path(services.settings.root_path)
    early_events.install()
    stylesheet.install()
    keyboard_shortcuts.install()
    focus_recovery.install()
    phone_filter.install()
    connection_marks.install()
    notifications.install()
    outage_banner.install(services.live_updates)
    error_reporting.install()
    gc_tuning.install()
    binding_registry.install()
    error_pages.install(services.accounts, services.settings.iemk_url)
    script_nonces.install()
    outbox.install()
    socket_events.install()
    sign_in_audit = SignInAudit(services.audit_log, services.failed_sign_ins)
    login.install(services, sign_in_audit)
    oidc_sign_in_page.install(services)
    oidc_sign_out_page.install(services)
    framing.install(services.settings.frame_ancestors)
    api_app.install(services)
    request_logging.install(services)
    export_button.install(services.export_jobs)
    upload_route.install(services.import_jobs)
    browser_sessions.watch_ended_sessions(services.sessions)
    protected_pages = ProtectedPages(services, sign_in_audit)
    protected_pages.add_page('/', home.page)
    draw_help = help_page.page()
    protected_pages.add_page('/help', lambda _: draw_help)
    protected_pages.add_page('/messages', messages.page, roles=JOURNAL_ROLES)
    protected_pages.add_page(message_link.PATH, message_link.page, roles=JOURNAL_ROLES)
    protected_pages.add_page(message_link.PERSON_PATH, person.page, roles=JOURNAL_ROLES)
    protected_pages.add_page('/summary', summary_page.page, roles=JOURNAL_ROLES)
    protected_pages.add_page('/callbacks', call_list.page, roles=JOURNAL_ROLES)
    protected_pages.add_page('/iemk', documents.page, roles=JOURNAL_ROLES)
    protected_pages.add_page(import_page.PATH, import_page.page, roles=ADMIN_ROLES)
    protected_pages.add_page('/users', users.page, roles=ADMIN_ROLES)
    protected_pages.add_page('/dictionaries', dictionaries.page, roles=ADMIN_ROLES)
    protected_pages.add_page('/error-codes', error_codes.page, roles=ADMIN_ROLES)
    protected_pages.add_page('/access', audit_log.page, roles=ADMIN_ROLES)
    account.install(services, protected_pages)
    root_path.install()
    allowed_hosts.install(services.settings)
