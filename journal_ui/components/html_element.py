"""HTML that is one element to NiceGUI, whatever is in it: of each element every open page keeps four kilobytes."""

from markupsafe import Markup

from journal_ui.nicegui_patches.lean_element import LeanElement

EMPTY_MARKUP = Markup()


class HtmlElement(LeanElement):
    """An element with HTML inside: words and links that nobody has to tell apart on the server."""

    def __init__(self, tag: str, html: Markup = EMPTY_MARKUP) -> None:
        """Write `html`; what is not the program's own has been put into it by `Markup.format`, which escapes."""
        super().__init__(tag)
        self.set_html(html)

    def set_html(self, html: Markup) -> None:
        """Write other HTML in its place."""
        if self.props.get('innerHTML') != html:
            self.props['innerHTML'] = html


def text_divs(*items: tuple[str, str]) -> Markup:
    """Write texts, each into a box of its class."""
    return EMPTY_MARKUP.join(Markup('<div class="{}">{}</div>').format(look, text) for look, text in items)
