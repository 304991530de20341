"""The header of a page and the drawer with the menu."""

from collections.abc import Sequence
from functools import cache, partial
from typing import Final

from markupsafe import Markup
from nicegui import ui

from journal_ui.components import icons
from journal_ui.components.buttons import IconButton, TextButton
from journal_ui.components.html_element import HtmlElement, TextTag, text_divs
from journal_ui.layout.alert_mark import draw_alerts
from journal_ui.layout.navigation import Section, accessible_sections
from journal_ui.layout.shortcuts_dialog import ShortcutsDialog
from journal_ui.layout.theme.palette import COLOURS
from journal_ui.layout.user_preferences import UserPreferences
from journal_ui.layout.viewer import Viewer
from journal_ui.nicegui_patches.lean_element import LeanElement
from journal_ui.root_path import public_path
from services import texts
from services.access_scope.scope_words import describe_organizations, describe_scope

CLOSE_DRAWER_ON_ESCAPE_JS: Final = "e => { if (e.currentTarget.getAttribute('aria-expanded') === 'true') emit() }"
"""Emits the event only while the drawer is open, so that Escape on the button of a closed drawer does nothing."""
WIDE_SCREEN_JS: Final = 'matchMedia("(min-width: 1600px)").matches'
"""Whether the drawer is open when the page loads; the same width as in theme/layout_css.py."""
COLOR_SCHEMES: Final = ('light', 'dark')


def draw_header_and_drawer(viewer: Viewer, title: str, path: str) -> None:
    """Draw the header and the drawer as the first elements of the page.

    They come before the content in the document, so that the keyboard and screen readers reach them first.

    Args:
        viewer: the user of the page; without full access there is no menu.
        title: the heading of the first level.
        path: the path of the page; empty for an error page, which draws a heading of its own.
    """
    sections = accessible_sections(viewer) if viewer.has_full_access else ()
    with LeanElement('header').classes('head') as header:
        if sections:
            menu_button = IconButton(icons.MENU, texts.MENU)
        if path:
            TextTag('h1', title)
        else:
            ui.space()
        if viewer.alerts and viewer.has_full_access:
            draw_alerts(viewer.alerts)
        ShortcutsDialog(viewer.preferences)
        _draw_color_scheme_buttons(viewer.preferences)
        if viewer.organizations is not None:
            _draw_scope(viewer.organizations)
        _draw_account_link(viewer)
        with LeanElement('form').classes('leave').props(f'method=post action={public_path("/logout")}'):
            TextButton(texts.SIGN_OUT, icon=icons.SIGN_OUT).props(f'type=submit aria-label="{texts.SIGN_OUT}"')
    header.move(target_index=0)
    if not sections:
        return
    links = _drawer_links(sections, path)
    if viewer.organizations is not None:
        links += text_divs(('scope', _scope_title(viewer.organizations)))  # for screens without room in the header
    drawer = HtmlElement('nav', links).classes('nav')
    drawer.props(f'aria-label="{texts.MENU_NAME}"')
    drawer.move(target_index=1)
    _bind_drawer_toggle(menu_button, drawer)


def _draw_scope(organizations: Sequence[str]) -> None:
    """Draw to which organisations the user is bound, because everything on the page is of these alone."""
    ui.label(describe_scope(organizations)).classes('scope').props['title'] = _scope_title(organizations)


def _scope_title(organizations: Sequence[str]) -> str:
    return texts.SCOPE_TITLE.format(organizations=describe_organizations(organizations))


def _draw_account_link(viewer: Viewer) -> None:
    """Draw the name of the user, as a link to their account unless a required step is pending."""
    if not viewer.has_full_access:
        ui.label(viewer.person.name).classes('who')
        return
    content = icons.icon_html(icons.PERSON) + text_divs(('', viewer.person.name))
    link = HtmlElement('a', content).classes('nicegui-link who')
    link.props(f'href={public_path("/account")} title="{texts.ACCOUNT_TITLE}"')


@cache
def _drawer_links(sections: tuple[Section, ...], path: str) -> Markup:
    """Return the links of the drawer for the page at `path`; cached, because users of one role share them."""
    home = Section('/', texts.HOME_ENTRY, '', '', '')
    return Markup().join(
        Markup('<a class="nicegui-link" href="{}"{}{}>{}</a>').format(
            public_path(section.path),
            Markup(' target="_blank" rel="noopener"') if section.external else '',
            Markup(' aria-current="page"') if section.path == path else '',
            section.title,
        )
        for section in (home, *sections)
    )


def _draw_color_scheme_buttons(preferences: UserPreferences) -> None:
    """Draw the two buttons, of which CSS shows the one for the other color scheme.

    The page follows the operating system until the user presses a button.
    """
    page_slot = ui.context.slot
    dark_mode: ui.dark_mode | None = None

    def set_dark_mode(dark: bool) -> None:
        nonlocal dark_mode
        if dark_mode:
            dark_mode.value = dark
        else:
            with page_slot:
                dark_mode = ui.dark_mode(dark)

    color_scheme = preferences.get_value('look')
    if color_scheme in COLOR_SCHEMES:
        set_dark_mode(color_scheme == 'dark')
        # In the head, so that the background has its color before the first script runs.
        background = COLOURS['canvas'][COLOR_SCHEMES.index(color_scheme)]
        ui.add_head_html(f'<style>html {{ background: {background} !important }}</style>')

    def switch(dark: bool) -> None:
        set_dark_mode(dark)
        preferences.set_value('look', 'dark' if dark else 'light')

    IconButton(icons.MOON, texts.DARK_THEME, partial(switch, True)).classes('to-dark')
    IconButton(icons.SUN, texts.LIGHT_THEME, partial(switch, False)).classes('to-light')


def _bind_drawer_toggle(menu_button: ui.element, drawer: ui.element) -> None:
    """Make the menu button open and close the drawer, which is open at first on wide screens only.

    The server does not know the width of the screen, so that the class `turned` means: the opposite of the first state.
    """
    layout = ui.context.client.layout
    scrim: ui.element | None = None
    menu_button.props['aria-controls'] = drawer.html_id
    menu_button.props[':aria-expanded'] = f'String({WIDE_SCREEN_JS})'

    def toggle() -> None:
        nonlocal scrim
        if scrim:
            scrim.delete()
            scrim = None
            drawer.classes(remove='turned')
            menu_button.props[':aria-expanded'] = f'String({WIDE_SCREEN_JS})'
        else:
            with layout:
                scrim = ui.element('div').classes('scrim').on('click', toggle, ())
            scrim.move(target_index=2)
            drawer.classes(add='turned')
            menu_button.props[':aria-expanded'] = f'String(!{WIDE_SCREEN_JS})'

    menu_button.on('click', toggle, [])
    menu_button.on('keydown.escape', toggle, js_handler=CLOSE_DRAWER_ON_ESCAPE_JS)
    drawer.on('keydown.escape', toggle, [])
