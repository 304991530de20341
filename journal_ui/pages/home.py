"""The main page: the sections that the person may enter, as tiles (spec S2)."""

from nicegui import ui

from journal_ui.layout.page_layout import Viewer, accessible_sections, page_layout
from journal_ui.pages import error_pages
from services import texts


def page(viewer: Viewer) -> None:
    """Draw the page; a section opens in a tab of its own."""
    with page_layout(texts.HOME_TITLE, viewer, path='/'):
        allowed_sections = accessible_sections(viewer)
        if not allowed_sections:
            error_pages.draw_message(texts.NO_SECTIONS, texts.NO_SECTIONS_NEXT, heading_tag='h2', home_link=False)
            return
        with ui.element('ul').classes('tiles'):
            for section in allowed_sections:
                with ui.element('li'), ui.link(target=section.path, new_tab=True).classes('tile') as tile:
                    if section.external:
                        tile.props('rel=noopener')
                    ui.icon(section.icon)
                    with ui.element('h2'):
                        ui.label(section.tile_title)
                    with ui.element('p'):
                        ui.label(section.hint)
