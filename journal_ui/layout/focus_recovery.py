"""Keeps the focus in a list page when the element that has it disappears: it never falls back to the body.

A page turns and its button is disabled, the panel folds and hides its fields, a dialog closes after its menu is gone:
in each case the browser moves the focus to the body, and the next Tab would begin at the top of the page.
"""

from typing import Final

from nicegui import ui

FOCUS_SCRIPT: Final = """
(() => {
  const focusable = 'a[href], button:not(:disabled), input:not(:disabled), [tabindex]:not([tabindex="-1"])';
  let last, turn;  // the last focused element of the page, and the group of buttons that it belongs to

  const isUsable = each => each?.isConnected && !each.disabled && each.checkVisibility({visibilityProperty: true});
  const first = (root, selector) => [...root?.querySelectorAll(selector) ?? []].find(isUsable);
  const replacement = () => {
    if (isUsable(last)) return last;
    const panel = document.querySelector('.panel');
    if (turn?.isConnected) return first(turn, focusable);
    if (last?.closest('.panel, .fields') || !last?.isConnected) {
      return first(panel, '.summary') ?? first(panel, '.fields input');
    }
    return undefined;
  };
  const recover = () => {
    if (!last || document.querySelector('.q-menu, .q-dialog')) return;
    // An element that was just disabled or hidden has the focus until the end of the frame.
    if (document.activeElement !== document.body && isUsable(document.activeElement)) return;
    replacement()?.focus({preventScroll: true});
  };
  const recoverSoon = () => requestAnimationFrame(recover);

  document.addEventListener('focusin', e => {
    if (!e.target.closest('.journal')) return;
    last = e.target;
    turn = last.closest('.turn');
  });
  // A click beside everything that can be focused is meant to leave it.
  document.addEventListener('pointerdown', e => {
    if (!e.target.closest(`${focusable}, label, .q-menu, .q-dialog, .ag-root`)) last = undefined;
  }, true);
  document.addEventListener('drawn', recoverSoon);
  const observe = () => {
    const panel = document.querySelector('.panel');
    if (!panel) return;
    new MutationObserver(recoverSoon).observe(panel, {attributeFilter: ['class']});
    // Menus and dialogs are children of the body.
    new MutationObserver(recoverSoon).observe(document.body, {childList: true});
    document.querySelectorAll('.paging .turn').forEach(group =>
      new MutationObserver(recoverSoon).observe(group, {attributeFilter: ['disabled'], subtree: true}));
    removeEventListener('focusin', observe);
  };
  addEventListener('focusin', observe);
})();
"""


def install() -> None:
    """Add the script to every page."""
    ui.add_head_html(f'<script>{FOCUS_SCRIPT}</script>', shared=True)
