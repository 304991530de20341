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
from journal_ui.components.buttons import IconButton, WordButton
from journal_ui.components.html_element import Html, lines
from journal_ui.layout.shortcuts_dialog import Help
from journal_ui.layout.user_preferences import Preferences
from journal_ui.monitoring import error_reporting
from journal_ui.nicegui_patches.lean_element import Light
from models import Role
from services import texts
from services.accounts.accounts import JOURNAL_ROLES, Person
from services.audit.audit_log import Access
from services.audit.audited_source import Witness
from services.audit.hash_chain import Actor

SHUT = "e => { if (e.currentTarget.getAttribute('aria-expanded') === 'true') emit() }"
"""Escape on the open menu's button folds the drawer; on a shut one it means nothing."""


@dataclass(frozen=True)
class Section:
    """A place of the menu and of the main page."""

    path: str
    title: str
    """In the menu, and the title of its page."""
    tile: str
    """On the main page."""
    hint: str
    icon: str
    roles: Collection[Role] = JOURNAL_ROLES
    """Who may enter it."""
    outside: bool = False
    """Whether it is another system, which opens in a tab of its own and gets no hold of this one."""


ADMIN_ROLES: Final = frozenset({Role.ADMIN})
"""Who manages users, and sees who looked at what (spec S1)."""
EXCHANGE = Section('/iemk', texts.EXCHANGE_TITLE, texts.EXCHANGE_TITLE, texts.EXCHANGE_HINT, icons.EXCHANGE)
SECTIONS = (
    Section('/messages', texts.JOURNAL_TITLE, texts.SECTION_TITLE, texts.SECTION_HINT, icons.ENVELOPE),
    Section('/summary', texts.SUMMARY_TITLE, texts.SUMMARY_TITLE, texts.SUMMARY_HINT, icons.CHART),
    Section('/callbacks', texts.CALLS_TITLE, texts.CALLS_TITLE, texts.CALLS_HINT, icons.PHONE),
    EXCHANGE,
    Section('/users', texts.USERS_TITLE, texts.USERS_TITLE, texts.USERS_HINT, icons.PEOPLE, ADMIN_ROLES),
    Section('/access', texts.ACCESS_TITLE, texts.ACCESS_TITLE, texts.ACCESS_HINT, icons.EYE, ADMIN_ROLES),
)


@dataclass(frozen=True)
class Viewer:
    """Who looks at a page, from where, and how he likes it."""

    person: Person
    preferences: Preferences
    iemk_url: str = ''
    """The region's own journal of documents, where it has one."""
    address: str = ''
    """Of his computer."""
    free: bool = True
    """Whether every page of his role opens, and not one alone that he has to pass first."""

    @property
    def actor(self) -> Actor:
        """The viewer as the journal of access has him."""
        return Actor(self.person.id, self.person.name, self.address)

    def witness(self, access: Access, section: str) -> Witness:
        """Give what records all that he does in the journal called `section`."""
        return Witness(access, self.actor, section, of_access=section == texts.ACCESS_TITLE)


def sections(viewer: Viewer) -> tuple[Section, ...]:
    """Give the sections that the person may enter."""
    entered = (section for section in SECTIONS if viewer.person.role in section.roles)
    if not viewer.iemk_url:
        return tuple(entered)
    outside = replace(EXCHANGE, path=viewer.iemk_url, outside=True)
    return tuple(outside if section is EXCHANGE else section for section in entered)


class Heading(TextElement):
    """The one heading of the first level."""

    def __init__(self, text: str) -> None:
        """Write it."""
        super().__init__(tag='h1', text=text)


@contextmanager
def frame(
    title: str,
    viewer: Viewer | None,
    *,
    path: str = '',
    foot: Callable[[Html], None] | None = None,
) -> Iterator[None]:
    """Draw a page called `title`; `path` is its own address, `foot` draws the band that is always in sight.

    A page without a path is one of the errors, and brings its own heading; one without a viewer has but its foot.
    """
    ui.page_title(title)
    if path:  # a page of an error has told of its fault itself
        ui.on_exception(error_reporting.notice)
    with ui.context.client.layout:
        if viewer:
            _bands(viewer, title, path)
        if foot:
            foot(Html('footer').classes('foot'))
    yield


def _bands(viewer: Viewer, title: str, path: str) -> None:
    """Draw header and drawer before the page itself, so that they come first to a keyboard and a screen reader."""
    entered = sections(viewer) if viewer.free else ()
    with Light('header').classes('head') as header:
        if entered:
            menu = IconButton(icons.MENU, texts.MENU)
        if path:
            Heading(title)
        else:  # an error; its own heading stands in the page
            ui.space()
        Help(viewer.preferences)
        _look(viewer.preferences)
        _who(viewer)
        with Light('form').classes('leave').props('method=post action=/logout'):
            WordButton(texts.SIGN_OUT, icon=icons.LEAVE).props(f'type=submit aria-label="{texts.SIGN_OUT}"')
    header.move(target_index=0)
    if not entered:
        return
    nav = Html('nav', _links(entered, path)).classes('nav').props(f'aria-label="{texts.MENU_NAME}"')
    nav.move(target_index=1)
    _folding(menu, nav)


def _who(viewer: Viewer) -> None:
    """Say who is signed in, and lead to what is his own."""
    if not viewer.free:
        ui.label(viewer.person.name).classes('who')
        return
    who = Html('a', icons.drawn(icons.PERSON) + lines(('', viewer.person.name))).classes('nicegui-link who')
    who.props(f'href=/account title="{texts.ACCOUNT_TITLE}"')


@cache
def _links(entered: tuple[Section, ...], path: str) -> Markup:
    """Write the links of the drawer, as seen from the page at `path`: once for all who may enter the same."""
    return Markup().join(
        Markup('<a class="nicegui-link" href="{}"{}{}>{}</a>').format(
            section.path,
            Markup(' target="_blank" rel="noopener"') if section.outside else '',
            Markup(' aria-current="page"') if section.path == path else '',
            section.title,
        )
        for section in entered
    )


def _look(preferences: Preferences) -> None:
    """Switch between light and dark: the system's choice until the person makes his own."""
    around = ui.context.slot
    mode: ui.dark_mode | None = None

    def set_mode(dark: bool) -> None:
        nonlocal mode
        if mode:
            mode.value = dark
        else:
            with around:
                mode = ui.dark_mode(dark)

    look = preferences.get('look')
    if look in {'dark', 'light'}:
        set_mode(look == 'dark')
        # the page has its ground before the first script runs
        ui.add_head_html(
            f'<style>html {{ background: {"#12161b" if look == "dark" else "#f3f5f7"} !important }}</style>'
        )

    def switch(to_dark: bool) -> None:
        set_mode(to_dark)
        preferences.put('look', 'dark' if to_dark else 'light')

    for name, icon, to_dark in ((texts.TO_DARK, icons.MOON, True), (texts.TO_LIGHT, icons.SUN, False)):
        IconButton(icon, name, partial(switch, to_dark)).classes('to-dark' if to_dark else 'to-light')


def _folding(menu: ui.element, nav: ui.element) -> None:
    """Let ≡ fold and unfold the drawer; wide screens begin with it open, the rest with it shut."""
    wide = 'matchMedia("(min-width: 1600px)").matches'
    layout, scrim = ui.context.client.layout, None
    menu.props['aria-controls'] = nav.html_id
    menu.props[':aria-expanded'] = f'String({wide})'

    def turn() -> None:
        nonlocal scrim
        turned = scrim is None
        if scrim:
            scrim.delete()
            scrim = None
        else:
            with layout:
                scrim = ui.element('div').classes('scrim').on('click', turn, ())
            scrim.move(target_index=2)
        nav.classes(add='turned' if turned else None, remove=None if turned else 'turned')
        menu.props[':aria-expanded'] = f'String({"!" if turned else ""}{wide})'

    menu.on('click', turn, [])
    menu.on('keydown.escape', turn, js_handler=SHUT)
    nav.on('keydown.escape', turn, [])
