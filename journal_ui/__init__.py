"""The pages: every address of the program, as a table of contents."""

from journal_ui import account, api, errors, exchange, faults, home, login, memory, messages, sessions, theme, users
from journal_ui.guard import Guard
from models import Role
from services import Services
from services.accounts import JOURNAL_ROLES


def register(services: Services) -> None:
    """Make the pages."""
    theme.install()
    faults.install()
    memory.install()
    errors.install(services.accounts)
    login.install(services)
    api.install(services)
    sessions.follow(services.sessions)
    guard = Guard(services.accounts, services.sessions)
    guard.page('/', home.page)
    guard.page('/messages', messages.page(services), roles=JOURNAL_ROLES)
    guard.page('/iemk', exchange.page, roles=JOURNAL_ROLES)
    guard.page('/users', users.page(services), roles={Role.ADMIN})
    account.install(services, guard)
