"""HTML that is one element to NiceGUI, whatever is in it: of each element every open page keeps four kilobytes."""

from markupsafe import Markup

from journal_ui.nicegui_patches.lean_element import Light

NOTHING = Markup()


class Html(Light):
    """An element with HTML inside: words and links that nobody has to tell apart on the server."""

    def __init__(self, tag: str, html: Markup = NOTHING) -> None:
        """Write `html`; what is not the program's own has been put into it by `Markup.format`, which escapes."""
        super().__init__(tag)
        self.write(html)

    def write(self, html: Markup) -> None:
        """Write other HTML in its place."""
        if self.props.get('innerHTML') != html:
            self.props['innerHTML'] = html


def lines(*written: tuple[str, str]) -> Markup:
    """Write texts, each into a box of its class."""
    return NOTHING.join(Markup('<div class="{}">{}</div>').format(look, text) for look, text in written)
