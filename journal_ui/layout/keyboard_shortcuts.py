"""The keyboard shortcuts of list pages: one script for the whole page, which clicks the elements that a mouse would.

The script finds the parts of a list page by their CSS classes and depends on no particular list. In a text field only
Escape and the arrow down are shortcuts, and there are none while a menu, a calendar or a dialog is open.
"""

import json

from nicegui import ui

from services import texts

CLEAR_TIMEOUT_MILLISECONDS = 3000
"""Milliseconds within which a second Escape clears the search."""
SHORTCUTS_SCRIPT = """
(() => {
  const find = selector => document.querySelector(selector);
  const textFields = 'textarea, select, [contenteditable=true], '
    + 'input:not([type=checkbox], [type=radio], [type=button])';
  const ROW_KEYS = ['ArrowDown', 'ArrowUp', 'Home', 'End'];
  const openers = () => [...document.querySelectorAll('.list .opener button')];
  const pendingActions = [];  // key presses for rows that the paging bar announces and the grid has not drawn yet
  let isClearPending = false, clearTimer;  // whether the next Escape clears the search

  const focusFirstField = () => {
    const panel = find('.panel'), field = panel?.querySelector('.fields input:not([type=checkbox])');
    if (!field) return false;
    if (panel.matches('.folded, .searched')) {  // at once, because the user is typing; the event updates the server
      panel.classList.remove('folded', 'searched');
      panel.dispatchEvent(new CustomEvent('unfold'));
    }
    field.focus();
    field.select();
    return true;
  };
  const openHelp = () => {
    find('.head .keys')?.click();
    return !!find('.head .keys');
  };
  const turnPage = (direction, focused) => {
    const list = find('.list'), button = find(`.paging .${direction}`);
    if (!list) return false;
    if (!button || button.disabled) return true;
    if (focused.closest('.list')) {  // the focused row disappears with the page
      list.tabIndex = -1;
      list.focus({preventScroll: true});
    }
    button.click();
    return true;
  };
  const areRowsOnTheWay = () => {
    const rows = find('.list')?.dataset;
    return rows?.rows !== rows?.drawn;
  };
  const moveFocus = (key, focused) => {
    if (areRowsOnTheWay()) {
      pendingActions.push(() => moveFocus(key, document.activeElement));
      return true;
    }
    const rows = openers(), after = row => focused.compareDocumentPosition(row) & Node.DOCUMENT_POSITION_FOLLOWING;
    const inside = focused.closest('.list') && !focused.matches('.list');
    const next = {
      Home: () => rows[0],
      End: () => rows.at(-1),
      ArrowDown: () => inside ? rows.find(after) : rows[0],
      ArrowUp: () => inside ? rows.findLast(row => row !== focused && !after(row)) : rows.at(-1),
    }[key]();
    next?.focus();
    return rows.length > 0;
  };
  const pressRow = focused => {
    if (!areRowsOnTheWay() || !pendingActions.length && !focused.matches('.list .opener button')) return false;
    pendingActions.push(() => document.activeElement.matches('.list .opener button') && document.activeElement.click());
    return true;
  };
  const handleEscape = focused => {
    if (focused.matches(textFields)) {
      const clearIcon = focused.closest('.panel .q-field')?.querySelector('.q-field__focusable-action');
      clearIcon?.click();
      if (clearIcon || !focused.closest('.panel')) return !!clearIcon;
    }
    if (focused !== document.body && !focused.closest('.journal')) return false;
    const clear = find('.panel .clear');
    if (!clear) return false;
    if (isClearPending) {  // without checking rows, which may not be collapsed yet
      isClearPending = false;
      clear.click();
      return true;
    }
    openers().filter(button => button.getAttribute('aria-expanded') === 'true').forEach(button => button.click());
    isClearPending = true;
    clearTimeout(clearTimer);
    clearTimer = setTimeout(() => { isClearPending = false }, CLEAR_TIMEOUT);
    Quasar.Notify.create({message: ESCAPE_AGAIN, timeout: CLEAR_TIMEOUT, position: 'bottom'});
    return true;
  };

  const handleKey = e => {
    const focused = e.target, characters = find('.head .keys')?.dataset.characters !== 'off';
    if (e.key === 'Escape') return !e.repeat && handleEscape(focused);
    if (e.key === ' ' || e.key === 'Enter') return !e.repeat && pressRow(focused);
    if (focused.matches(textFields)) {  // except in a combobox, where it moves in the list
      return e.key === 'ArrowDown' && focused.matches('.panel :not([role=combobox])') && moveFocus(e.key, focused);
    }
    // on a Russian keyboard this key types a full stop
    const slash = e.code === 'Slash' || e.key === '/' || e.key === '?';
    const question = e.key === '?' || e.code === 'Slash' && e.shiftKey;
    if (slash) return characters && !e.repeat && (question ? openHelp() : focusFirstField());
    if (e.shiftKey || focused !== document.body && !focused.closest('.journal')) return false;
    if (e.key === 'PageDown' || e.key === 'PageUp') {
      return e.repeat || turnPage(e.key === 'PageDown' ? 'forward' : 'back', focused);
    }
    const keys = focused.matches('body, .list, .opener, .opener *, .ag-full-width-row') ? ROW_KEYS
      : focused.closest('.list') ? [] : ['ArrowDown'];
    return keys.includes(e.key) && moveFocus(e.key, focused);
  };

  document.addEventListener('pointerdown', () => { isClearPending = false }, true);
  document.addEventListener('drawn', () => pendingActions.splice(0).forEach(action => action()));
  document.addEventListener('keydown', e => {
    if (e.key !== 'Escape') isClearPending = false;
    if (e.ctrlKey || e.altKey || e.metaKey || e.isComposing || find('.q-menu, .q-dialog')) return;
    if (!handleKey(e)) return;
    e.preventDefault();
    e.stopPropagation();
  }, true);
})();
"""


def install() -> None:
    """Add the script to every page."""
    constants = {'ESCAPE_AGAIN': json.dumps(texts.ESCAPE_AGAIN), 'CLEAR_TIMEOUT': str(CLEAR_TIMEOUT_MILLISECONDS)}
    script = SHORTCUTS_SCRIPT
    for name, value in constants.items():
        script = script.replace(name, value)
    ui.add_head_html(f'<script>{script}</script>', shared=True)
