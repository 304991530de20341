"""The table of a user's sessions, for the user and for administrators."""

import re
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from nicegui import ui

from journal_ui.components.record_table import draw_cells, record_table
from services import texts
from services.accounts.sessions import SessionInfo
from services.formats import date_and_minute

BROWSERS = (
    ('YaBrowser/', 'Яндекс Браузер'),
    ('Edg/', 'Edge'),
    ('OPR/', 'Opera'),
    ('Firefox/', 'Firefox'),
    ('Chrome/', 'Chrome'),
    ('Safari/', 'Safari'),
)
"""A part of the User-Agent header and the name of the browser; the first match counts, because most name others too."""
SYSTEMS = (
    ('Windows', 'Windows'),
    ('Android', 'Android'),
    ('iPhone|iPad', 'iOS'),
    ('Mac OS', 'macOS'),
    ('Linux', 'Linux'),
)
"""A pattern in the User-Agent header and the name of the operating system; the first match counts."""


def sessions_table(sessions: Sequence[SessionInfo], zone: ZoneInfo, *, current_key: str = '') -> None:
    """Draw the sessions, with times in `zone`; the session with the key `current_key` is marked."""
    titles = (texts.SESSION_BEGUN, texts.SESSION_SEEN, texts.SESSION_ADDRESS, texts.SESSION_AGENT)
    with record_table(titles):
        for session in sessions:
            browser_text = browser_name(session.agent)
            if session.key == current_key:
                browser_text += f' ({texts.SESSION_THIS})'
            begun_at, seen_at = date_and_minute(session.begun_at, zone), date_and_minute(session.seen_at, zone)
            with ui.element('tr'):
                draw_cells(titles, (begun_at, seen_at, session.address, browser_text))


def browser_name(user_agent: str) -> str:
    """Return the browser and the operating system of a User-Agent header, such as «Firefox, Windows»."""
    browser = next((name for part, name in BROWSERS if part in user_agent), '')
    system = next((name for pattern, name in SYSTEMS if re.search(pattern, user_agent)), '')
    return ', '.join(filter(None, (browser, system))) or texts.SESSION_UNKNOWN_AGENT
