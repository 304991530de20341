"""What stands around every page: header, drawer, foot; landmarks, title and look (spec S3)."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Final

from markupsafe import Markup
from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from journal_ui.components import icons
from journal_ui.components.buttons import IconButton, TextButton
from journal_ui.components.html_element import HtmlElement, text_divs
from journal_ui.layout.shortcuts_dialog import ShortcutsDialog
from journal_ui.layout.user_preferences import UserPreferences
from journal_ui.monitoring import error_reporting
from journal_ui.nicegui_patches.lean_element import LeanElement
from models import Role
from services import texts
from services.accounts.accounts import JOURNAL_ROLES, Identity
from services.audit.audit_log import AuditLog
from services.audit.audited_source import SectionActivityRecorder
from services.audit.hash_chain import Actor

CLOSE_DRAWER_ON_ESCAPE_JS = "e => { if (e.currentTarget.getAttribute('aria-expanded') === 'true') emit() }"
"""Escape on the open menu's button folds the drawer; on a shut one it means nothing."""


@dataclass(frozen=True)
class Section:
    """A place of the menu and of the main page."""

    path: str
    title: str
    """In the menu, and the title of its page."""
    tile_title: str
    """On the main page."""
    hint: str
    icon: str
    roles: Collection[Role] = JOURNAL_ROLES
    """Who may enter it."""
    external: bool = False
    """Whether it is another system, which opens in a tab of its own and gets no hold of this one."""


ADMIN_ROLES: Final = frozenset({Role.ADMIN})
"""Who manages users, and sees who looked at what (spec S1)."""
DOCUMENTS_SECTION = Section(
    '/iemk', texts.DOCUMENTS_TITLE, texts.DOCUMENTS_TITLE, texts.DOCUMENTS_HINT, icons.DOCUMENT_EXCHANGE
)
SECTIONS = (
    Section('/messages', texts.JOURNAL_TITLE, texts.SECTION_TITLE, texts.SECTION_HINT, icons.ENVELOPE),
    Section('/summary', texts.SUMMARY_TITLE, texts.SUMMARY_TITLE, texts.SUMMARY_HINT, icons.CHART),
    Section('/callbacks', texts.CALLS_TITLE, texts.CALLS_TITLE, texts.CALLS_HINT, icons.PHONE),
    DOCUMENTS_SECTION,
    Section('/users', texts.USERS_TITLE, texts.USERS_TITLE, texts.USERS_HINT, icons.PEOPLE, ADMIN_ROLES),
    Section('/access', texts.ACCESS_TITLE, texts.ACCESS_TITLE, texts.ACCESS_HINT, icons.EYE, ADMIN_ROLES),
)


@dataclass(frozen=True)
class Viewer:
    """Who looks at a page, from where, and how he likes it."""

    person: Identity
    preferences: UserPreferences
    iemk_url: str = ''
    """The region's own journal of documents, where it has one."""
    ip_address: str = ''
    """Of his computer."""
    has_full_access: bool = True
    """Whether every page of his role opens, and not one alone that he has to pass first."""

    @property
    def actor(self) -> Actor:
        """The viewer as the journal of access has him."""
        return Actor(self.person.id, self.person.name, self.ip_address)

    def audit_recorder(self, audit_log: AuditLog, section: str) -> SectionActivityRecorder:
        """Give what records all that he does in the journal called `section`."""
        return SectionActivityRecorder(audit_log, self.actor, section, of_audit_log=section == texts.ACCESS_TITLE)


def accessible_sections(viewer: Viewer) -> tuple[Section, ...]:
    """Give the sections that the person may enter."""
    allowed_sections = (section for section in SECTIONS if viewer.person.role in section.roles)
    if not viewer.iemk_url:
        return tuple(allowed_sections)
    external_section = replace(DOCUMENTS_SECTION, path=viewer.iemk_url, external=True)
    return tuple(external_section if section is DOCUMENTS_SECTION else section for section in allowed_sections)


class PageHeading(TextElement):
    """The one heading of the first level."""

    def __init__(self, text: str) -> None:
        """Write it."""
        super().__init__(tag='h1', text=text)


@contextmanager
def page_layout(
    title: str,
    viewer: Viewer | None,
    *,
    path: str = '',
    draw_footer: Callable[[HtmlElement], None] | None = None,
) -> Iterator[None]:
    """Draw a page called `title`; `path` is its own address, `foot` draws the band that is always in sight.

    A page without a path is one of the errors, and brings its own heading; one without a viewer has but its foot.
    """
    ui.page_title(title)
    if path:  # a page of an error has told of its fault itself
        ui.on_exception(error_reporting.notify_exception)
    with ui.context.client.layout:
        if viewer:
            _draw_header_and_drawer(viewer, title, path)
        if draw_footer:
            draw_footer(HtmlElement('footer').classes('foot'))
    yield


def _draw_header_and_drawer(viewer: Viewer, title: str, path: str) -> None:
    """Draw header and drawer before the page itself, so that they come first to a keyboard and a screen reader."""
    allowed_sections = accessible_sections(viewer) if viewer.has_full_access else ()
    with LeanElement('header').classes('head') as header:
        if allowed_sections:
            menu_button = IconButton(icons.MENU, texts.MENU)
        if path:
            PageHeading(title)
        else:  # an error; its own heading stands in the page
            ui.space()
        ShortcutsDialog(viewer.preferences)
        _draw_color_scheme_buttons(viewer.preferences)
        _draw_account_link(viewer)
        with LeanElement('form').classes('leave').props('method=post action=/logout'):
            TextButton(texts.SIGN_OUT, icon=icons.SIGN_OUT).props(f'type=submit aria-label="{texts.SIGN_OUT}"')
    header.move(target_index=0)
    if not allowed_sections:
        return
    nav = (
        HtmlElement('nav', _drawer_links(allowed_sections, path))
        .classes('nav')
        .props(f'aria-label="{texts.MENU_NAME}"')
    )
    nav.move(target_index=1)
    _bind_drawer_toggle(menu_button, nav)


def _draw_account_link(viewer: Viewer) -> None:
    """Say who is signed in, and lead to what is his own."""
    if not viewer.has_full_access:
        ui.label(viewer.person.name).classes('who')
        return
    link = HtmlElement('a', icons.icon_html(icons.PERSON) + text_divs(('', viewer.person.name))).classes(
        'nicegui-link who'
    )
    link.props(f'href=/account title="{texts.ACCOUNT_TITLE}"')


@cache
def _drawer_links(allowed_sections: tuple[Section, ...], path: str) -> Markup:
    """Write the links of the drawer, as seen from the page at `path`: once for all who may enter the same."""
    return Markup().join(
        Markup('<a class="nicegui-link" href="{}"{}{}>{}</a>').format(
            section.path,
            Markup(' target="_blank" rel="noopener"') if section.external else '',
            Markup(' aria-current="page"') if section.path == path else '',
            section.title,
        )
        for section in allowed_sections
    )


def _draw_color_scheme_buttons(preferences: UserPreferences) -> None:
    """Switch between light and dark: the system's choice until the person makes his own."""
    page_slot = ui.context.slot
    dark_mode: ui.dark_mode | None = None

    def set_mode(dark: bool) -> None:
        nonlocal dark_mode
        if dark_mode:
            dark_mode.value = dark
        else:
            with page_slot:
                dark_mode = ui.dark_mode(dark)

    color_scheme = preferences.get_value('look')
    if color_scheme in {'dark', 'light'}:
        set_mode(color_scheme == 'dark')
        # the page has its ground before the first script runs
        ui.add_head_html(
            f'<style>html {{ background: {"#12161b" if color_scheme == "dark" else "#f3f5f7"} !important }}</style>'
        )

    def switch(to_dark: bool) -> None:
        set_mode(to_dark)
        preferences.set_value('look', 'dark' if to_dark else 'light')

    for name, icon, to_dark in ((texts.DARK_THEME, icons.MOON, True), (texts.LIGHT_THEME, icons.SUN, False)):
        IconButton(icon, name, partial(switch, to_dark)).classes('to-dark' if to_dark else 'to-light')


def _bind_drawer_toggle(menu_button: ui.element, nav: ui.element) -> None:
    """Let ≡ fold and unfold the drawer; wide screens begin with it open, the rest with it shut."""
    is_wide_js = 'matchMedia("(min-width: 1600px)").matches'
    layout, scrim = ui.context.client.layout, None
    menu_button.props['aria-controls'] = nav.html_id
    menu_button.props[':aria-expanded'] = f'String({is_wide_js})'

    def toggle() -> None:
        nonlocal scrim
        is_toggled = scrim is None
        if scrim:
            scrim.delete()
            scrim = None
        else:
            with layout:
                scrim = ui.element('div').classes('scrim').on('click', toggle, ())
            scrim.move(target_index=2)
        nav.classes(add='turned' if is_toggled else None, remove=None if is_toggled else 'turned')
        menu_button.props[':aria-expanded'] = f'String({"!" if is_toggled else ""}{is_wide_js})'

    menu_button.on('click', toggle, [])
    menu_button.on('keydown.escape', toggle, js_handler=CLOSE_DRAWER_ON_ESCAPE_JS)
    nav.on('keydown.escape', toggle, [])
