"""Empties NiceGUI's registry of bindable properties whenever a page connects.

Reason: NiceGUI registers each bindable property of each element, so that a binding to it needs no polling. This program
binds no properties to each other; a binding would still work without its entry, by polling.
Private part: `nicegui.binding.bindable_properties` is a dictionary, and a property works without an entry in it.
Gain: 25 to 28 KB of memory for each open page, of 365 KB
(`python -m tests.benchmarks.patch_gains binding_registry`).
Contract test: tests/journal_ui/nicegui_patches/test_patch_contracts.py.
"""

from nicegui import app, binding


def install() -> None:
    """Empty the registry on each connection from now on."""
    app.on_connect(binding.bindable_properties.clear)
