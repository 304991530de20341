"""A list of sessions, as their owner and an administrator see it."""

import re
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from nicegui import ui

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
"""By what a browser calls itself: many say the names of others too, the first that fits counts."""
SYSTEMS = (
    ('Windows', 'Windows'),
    ('Android', 'Android'),
    ('iPhone|iPad', 'iOS'),
    ('Mac OS', 'macOS'),
    ('Linux', 'Linux'),
)


def sessions_table(sessions: Sequence[SessionInfo], zone: ZoneInfo, *, current_key: str = '') -> None:
    """Draw the sessions, the one whose key is `this` marked."""
    titles = (texts.SESSION_BEGUN, texts.SESSION_SEEN, texts.SESSION_ADDRESS, texts.SESSION_AGENT)
    with ui.element('table').classes('lines'):
        with ui.element('thead'), ui.element('tr'):
            for title in titles:
                with ui.element('th').props('scope=col'):
                    ui.label(title)
        with ui.element('tbody'):
            for line in sessions:
                browser_text = browser_name(line.agent) + (
                    f' ({texts.SESSION_THIS})' if line.key == current_key else ''
                )
                values = (
                    date_and_minute(line.begun_at, zone),
                    date_and_minute(line.seen_at, zone),
                    line.address,
                    browser_text,
                )
                with ui.element('tr'):
                    for title, value in zip(titles, values, strict=True):
                        with ui.element('td').props(f'data-title="{title}"'):
                            ui.label(value)


def browser_name(user_agent: str) -> str:
    """Give the short name of a browser: «Firefox, Windows»."""
    product = next((name for mark, name in BROWSERS if mark in user_agent), '')
    system = next((name for pattern, name in SYSTEMS if re.search(pattern, user_agent)), '')
    return ', '.join(filter(None, (product, system))) or texts.SESSION_UNKNOWN_AGENT
