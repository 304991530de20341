"""What the browser itself says about the rows of a list, because a server that does not answer cannot say it.

The script marks the rows in the turn in which the user starts a search: they are dimmed until new rows are drawn, and a
line runs above them while an answer is awaited. It writes into the list that there is no connection: at once when the
socket closes or the browser goes offline, and after PROBE_TIMEOUT when the server is silent. A silent server is asked
by an event of the socket (journal_ui.nicegui_patches.socket_events): Engine.IO itself notices it after more than a
minute, because pages that nobody uses are asked rarely. The event `disconnected` of the document tells the fields
(journal_ui.components.control) that the socket has closed.
"""

import json
from typing import Final

from nicegui import Client, ui

from journal_ui.components.html_element import HtmlElement
from journal_ui.nicegui_patches.outbox import run_script
from services import texts

AWAITED_SILENCE: Final = 1.0
"""Seconds without a message from the server after which it is asked, while the user awaits rows."""
IDLE_SILENCE: Final = 20.0
"""The same while nothing is awaited; a tab that is not visible does not ask."""
PROBE_TIMEOUT: Final = 2.0
"""Seconds within which a server that is asked must answer."""

CONNECTION_SCRIPT: Final = """
(() => {
  const root = document.documentElement;
  const searchButtons = '.panel .find, .paging .turn button, .paging .news button';
  let heardAt = performance.now(), isAsked = false, isConnected = true, socket;

  const show = connected => {
    if (connected) heardAt = performance.now();
    if (connected === isConnected) return;
    isConnected = connected;
    root.toggleAttribute('data-disconnected', !connected);
    document.querySelectorAll('.connection-note').forEach(note => { note.textContent = connected ? '' : NOTE });
  };
  const ask = () => {
    isAsked = true;
    socket.timeout(PROBE_TIMEOUT).emit('probe', {client_id: window.clientId}, error => {
      isAsked = false;
      if (!error) show(true);
      else if (performance.now() - heardAt > PROBE_TIMEOUT) show(false);
    });
  };
  const check = () => {
    if (!socket && window.socket) follow(window.socket);
    if (!socket?.connected || isAsked || isConnected && document.hidden) return;
    const limit = root.dataset.rows === 'awaited' || !isConnected ? AWAITED_SILENCE : IDLE_SILENCE;
    if (performance.now() - heardAt > limit) ask();
  };
  const follow = found => {
    socket = found;
    socket.on('connect', () => show(true));
    socket.on('disconnect', () => {
      show(false);
      document.dispatchEvent(new CustomEvent('disconnected'));
    });
    socket.onAny(() => show(true));
  };

  window.awaitRows = () => { root.dataset.rows = 'awaited' };
  window.keepOldRows = () => { if (root.dataset.rows) root.dataset.rows = 'old' };
  document.addEventListener('drawn', () => { delete root.dataset.rows });
  document.addEventListener('submit', e => { if (e.target.matches('.panel')) awaitRows() }, true);
  document.addEventListener('click', e => {
    const button = e.target.closest(searchButtons);
    if (button && !button.disabled) awaitRows();
  }, true);
  document.addEventListener('keydown', e => {
    if (e.key === 'Enter' && e.target.matches('.paging .number input') && /\\d/.test(e.target.value)) awaitRows();
  }, true);
  window.addEventListener('offline', () => show(false));
  window.addEventListener('online', () => { if (socket?.connected) ask() });
  setInterval(check, 250);
})();
"""


def install() -> None:
    """Add the script to every page."""
    script = CONNECTION_SCRIPT.replace('NOTE', json.dumps(texts.CONNECTION_LOST))
    for name, seconds in (
        ('AWAITED_SILENCE', AWAITED_SILENCE),
        ('IDLE_SILENCE', IDLE_SILENCE),
        ('PROBE_TIMEOUT', PROBE_TIMEOUT),
    ):
        script = script.replace(name, str(int(seconds * 1000)))
    ui.add_head_html(f'<script>{script}</script>', shared=True)


def draw_connection_note() -> None:
    """Draw the element into which the script writes that there is no connection."""
    HtmlElement('div').classes('connection-note').props('role=status')


def keep_old_rows(client: Client) -> None:
    """Announce that no new rows will come: the old ones remain, dimmed, because the conditions are not theirs."""
    run_script(client, 'window.keepOldRows?.()')


def announce_drawn(client: Client) -> None:
    """Announce that the page has drawn its result, which is no grid; a grid does so itself."""
    run_script(client, 'document.dispatchEvent(new CustomEvent("drawn"))')
