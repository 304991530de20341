"""The main page: the sections that the person may enter, as tiles (spec S2)."""

from nicegui import ui

from journal_ui.layout.page_layout import Viewer, frame, sections
from journal_ui.pages import error_pages
from services import texts


def page(viewer: Viewer) -> None:
    """Draw the page; a section opens in a tab of its own."""
    with frame(texts.HOME_TITLE, viewer, path='/'):
        entered = sections(viewer)
        if not entered:
            error_pages.plain(texts.NO_SECTIONS, texts.NO_SECTIONS_NEXT, heading='h2', link=False)
            return
        with ui.element('ul').classes('tiles'):
            for section in entered:
                with ui.element('li'), ui.link(target=section.path, new_tab=True).classes('tile') as tile:
                    if section.outside:
                        tile.props('rel=noopener')
                    ui.icon(section.icon)
                    with ui.element('h2'):
                        ui.label(section.tile)
                    with ui.element('p'):
                        ui.label(section.hint)
