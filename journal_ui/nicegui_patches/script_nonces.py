"""A nonce on every script of NiceGUI's page template.

NiceGUI's template contains inline scripts without a nonce. Without this patch the Content-Security-Policy would have to
allow all inline scripts ('unsafe-inline'). The nonce itself comes from journal_ui.security.security_headers, which puts
it into the state of the request.
"""

from collections.abc import Callable
from typing import Final

from jinja2 import BaseLoader, Environment
from nicegui.client import templates

SCRIPT_TAG: Final = '<script'
SCRIPT_TAG_WITH_NONCE: Final = '<script nonce="{{ request.state.nonce }}"'
HEAD_PLACEHOLDER: Final = '{{ head_html | safe }}'
HEAD_WITH_NONCES: Final = (
    """{{ head_html.replace('<script>', '<script nonce="' ~ request.state.nonce ~ '">') | safe }}"""
)
"""The HTML that the program itself adds to the head of its pages; it never contains data."""


def install() -> None:
    """Load NiceGUI's templates through NonceTemplateLoader."""
    loader = templates.env.loader
    if loader and not isinstance(loader, NonceTemplateLoader):
        templates.env.loader = NonceTemplateLoader(loader)


class NonceTemplateLoader(BaseLoader):
    """Adds the nonce to each script of a template, and to those that the program adds to the head of a page."""

    def __init__(self, loader: BaseLoader) -> None:
        self._loader = loader

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, Callable[[], bool] | None]:
        """Return the changed source of a template; see jinja2.BaseLoader."""
        source, name, is_current = self._loader.get_source(environment, template)
        source = source.replace(SCRIPT_TAG, SCRIPT_TAG_WITH_NONCE)
        return source.replace(HEAD_PLACEHOLDER, HEAD_WITH_NONCES), name, is_current
