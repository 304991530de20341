"""Sends the events that happen before a page is connected in the order in which they happened.

NiceGUI polls every 10 ms whether the socket has shaken hands, with a timer of its own for each event. A later event may
therefore overtake an earlier one: letters arrive in the wrong order, and a search starts before the date that was
cleared just before it. With a socket that needs two seconds, tests/browser/list_page/test_early_input.py fails without
this patch. It keeps these events in one queue, and sends it in the same turn in which the page is connected.
"""

from typing import Final

from nicegui import ui

EMITTER_NAME: Final = 'delayed_emitter'
"""The function of nicegui.js that sends an event, or calls `setTimeout` with itself while the page is not connected."""
HANDSHAKE_FLAG: Final = 'did_handshake'
"""The property of `window` that nicegui.js sets when the page is connected."""

EARLY_EVENTS_SCRIPT: Final = f"""
(() => {{
  const queue = [], originalSetTimeout = window.setTimeout;
  let isConnected;
  window.setTimeout = (callback, ...rest) => {{
    if (isConnected || callback?.name !== '{EMITTER_NAME}') return originalSetTimeout(callback, ...rest);
    queue.push(callback);
    return 0;
  }};
  Object.defineProperty(window, '{HANDSHAKE_FLAG}', {{
    configurable: true,
    get: () => isConnected,
    set: value => {{
      isConnected = value;
      while (isConnected && queue.length) queue.shift()();
    }},
  }});
}})();
"""


def install() -> None:
    """Add the script to every page, before that of NiceGUI."""
    ui.add_head_html(f'<script>{EARLY_EVENTS_SCRIPT}</script>', shared=True)
