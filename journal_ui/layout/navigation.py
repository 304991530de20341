"""The sections of the program, with the roles that may open them: entries of the menu and tiles of the main page."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

from journal_ui.components import icons
from journal_ui.layout.viewer import Viewer
from models import Role
from services import texts
from services.accounts.accounts import JOURNAL_ROLES


@dataclass(frozen=True)
class Section:
    """A page, or a group of pages, with an entry in the menu and a tile on the main page."""

    path: str
    title: str
    """The entry in the menu, and the title of the page."""
    tile_title: str
    hint: str
    """The second line of the tile."""
    icon: str
    roles: Collection[Role] = JOURNAL_ROLES
    """The roles that may open the section."""
    external: bool = False
    """Whether `path` is the URL of another system; it opens in a tab of its own, without access to this page."""


ADMIN_ROLES: Final = frozenset({Role.ADMIN})
"""The roles that manage users, dictionaries and error codes, and read the audit log (docs/manual.md S1)."""
DOCUMENTS_SECTION: Final = Section(
    '/iemk', texts.DOCUMENTS_TITLE, texts.DOCUMENTS_TITLE, texts.DOCUMENTS_HINT, icons.DOCUMENT_EXCHANGE
)
SECTIONS: Final = (
    Section('/messages', texts.JOURNAL_TITLE, texts.SECTION_TITLE, texts.SECTION_HINT, icons.ENVELOPE),
    Section('/summary', texts.SUMMARY_TITLE, texts.SUMMARY_TITLE, texts.SUMMARY_HINT, icons.CHART),
    Section('/callbacks', texts.CALLS_TITLE, texts.CALLS_TITLE, texts.CALLS_HINT, icons.PHONE),
    DOCUMENTS_SECTION,
    Section('/import', texts.UPLOADS_TITLE, texts.UPLOADS_TITLE, texts.UPLOADS_HINT, icons.UPLOAD, ADMIN_ROLES),
    Section('/users', texts.USERS_TITLE, texts.USERS_TITLE, texts.USERS_HINT, icons.PEOPLE, ADMIN_ROLES),
    Section(
        '/dictionaries',
        texts.DICTIONARIES_TITLE,
        texts.DICTIONARIES_TITLE,
        texts.DICTIONARIES_HINT,
        icons.BOOK,
        ADMIN_ROLES,
    ),
    Section(
        '/error-codes',
        texts.ERROR_CODES_TITLE,
        texts.ERROR_CODES_TITLE,
        texts.ERROR_CODES_HINT,
        icons.HELP,
        ADMIN_ROLES,
    ),
    Section('/access', texts.ACCESS_TITLE, texts.ACCESS_TITLE, texts.ACCESS_HINT, icons.EYE, ADMIN_ROLES),
)


def accessible_sections(viewer: Viewer) -> tuple[Section, ...]:
    """Return the sections that the viewer's role may open, in the order of the menu."""
    sections = [section for section in SECTIONS if viewer.person.role in section.roles]
    if viewer.iemk_url:
        external_section = replace(DOCUMENTS_SECTION, path=viewer.iemk_url, external=True)
        sections = [external_section if section is DOCUMENTS_SECTION else section for section in sections]
    return tuple(sections)
