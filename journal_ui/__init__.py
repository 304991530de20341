"""The pages: every address of the program, as a table of contents."""

from journal_ui import (
    access,
    account,
    api,
    callbacks,
    errors,
    exchange,
    export,
    faults,
    guide,
    home,
    keys,
    login,
    memory,
    messages,
    operation,
    outage,
    outbox,
    sessions,
    summary,
    theme,
    users,
    wire,
)
from journal_ui.door import Door
from journal_ui.frame import ADMIN_ROLES
from journal_ui.guard import Guard
from services import Services
from services.accounts import JOURNAL_ROLES


def register(services: Services) -> None:
    """Make the pages."""
    theme.install()
    keys.install()
    outage.install(services.live)
    faults.install()
    memory.install()
    errors.install(services.accounts, services.settings.iemk_url)
    wire.install()
    outbox.install()
    door = Door(services.access, services.accounts)
    login.install(services, door)
    api.install(services)
    operation.install(services)
    export.install(services.exports)
    sessions.follow(services.sessions)
    guard = Guard(services.accounts, services.sessions, door, services.settings.iemk_url)
    guard.page('/', home.page)
    guard.page('/help', guide.page())
    guard.page('/messages', messages.page(services), roles=JOURNAL_ROLES)
    guard.page('/summary', summary.page(services), roles=JOURNAL_ROLES)
    guard.page('/callbacks', callbacks.page(services), roles=JOURNAL_ROLES)
    guard.page('/iemk', exchange.page(services), roles=JOURNAL_ROLES)
    guard.page('/users', users.page(services), roles=ADMIN_ROLES)
    guard.page('/access', access.page(services), roles=ADMIN_ROLES)
    account.install(services, guard)
