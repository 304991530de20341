"""Empties NiceGUI's registry of bindable properties whenever a page connects."""

from nicegui import app, binding


def install() -> None:
    """Empty the registry on each connection from now on."""
    app.on_connect(binding.bindable_properties.clear)
