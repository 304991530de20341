"""The keys of a journal: one handler for the whole page, which presses what the mouse would press.

It knows the parts of any journal by their classes (see journal, panel, paging) and nothing of what is listed. Never in
the way of typing: in a field only Escape means anything here, and nothing does while a menu, a calendar or a window
is open.
"""

import json

from nicegui import ui

from services import texts

SHORTCUTS_SCRIPT = """
(() => {
  const find = what => document.querySelector(what);
  const typed = 'textarea, select, [contenteditable=true], input:not([type=checkbox], [type=radio], [type=button])';
  const ROW_KEYS = ['ArrowDown', 'ArrowUp', 'Home', 'End'];
  const openers = () => [...document.querySelectorAll('.list .opener button')];
  const pendingActions = [];  // what the keys do to rows that the paging bar announces and the grid has not drawn yet
  let wiping = false, forgetting;  // Escape was the last thing that happened, and told what comes next

  const name = () => {
    const panel = find('.panel'), field = panel?.querySelector('.fields input:not([type=checkbox])');
    if (!field) return false;
    if (panel.matches('.folded, .asked')) {  // at once, for typing goes on; then the server knows it too
      panel.classList.remove('folded', 'asked');
      panel.dispatchEvent(new CustomEvent('unfold'));
    }
    field.focus();
    field.select();
    return true;
  };
  const help = () => {
    find('.head .keys')?.click();
    return !!find('.head .keys');
  };
  const turn = (way, focused) => {
    const list = find('.list'), button = find(`.paging .${way}`);
    if (!list) return false;
    if (!button || button.disabled) return true;
    if (focused.closest('.list')) {  // its row goes away with the page
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
  const step = (key, focused) => {
    if (areRowsOnTheWay()) {
      pendingActions.push(() => step(key, document.activeElement));
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
  const press = focused => {
    if (!areRowsOnTheWay() || !pendingActions.length && !focused.matches('.list .opener button')) return false;
    pendingActions.push(() => document.activeElement.matches('.list .opener button') && document.activeElement.click());
    return true;
  };
  const escape = focused => {
    if (focused.matches(typed)) {
      const cross = focused.closest('.panel .q-field')?.querySelector('.q-field__focusable-action');
      cross?.click();
      if (cross || !focused.closest('.panel')) return !!cross;
    }
    if (focused !== document.body && !focused.closest('.journal')) return false;
    const clear = find('.panel .clear');
    if (!clear) return false;
    if (wiping) {  // the rows that were open may look so still
      wiping = false;
      clear.click();
      return true;
    }
    openers().filter(button => button.getAttribute('aria-expanded') === 'true').forEach(button => button.click());
    wiping = true;
    clearTimeout(forgetting);
    forgetting = setTimeout(() => { wiping = false }, WHILE);
    Quasar.Notify.create({message: AGAIN, timeout: WHILE, position: 'bottom'});
    return true;
  };

  const act = e => {
    const focused = e.target, characters = find('.head .keys')?.dataset.characters !== 'off';
    if (e.key === 'Escape') return !e.repeat && escape(focused);
    if (e.key === ' ' || e.key === 'Enter') return !e.repeat && press(focused);
    if (focused.matches(typed)) {  // a field of one line has nothing below it, but a list of choices has
      return e.key === 'ArrowDown' && focused.matches('.panel :not([role=combobox])') && step(e.key, focused);
    }
    const slash = e.code === 'Slash' || e.key === '/' || e.key === '?';  // on a Russian keyboard it types a full stop
    if (slash) return characters && !e.repeat && (e.key === '?' || e.code === 'Slash' && e.shiftKey ? help() : name());
    if (e.shiftKey || focused !== document.body && !focused.closest('.journal')) return false;
    if (e.key === 'PageDown' || e.key === 'PageUp') {
      return e.repeat || turn(e.key === 'PageDown' ? 'forward' : 'back', focused);
    }
    const ours = focused.matches('body, .list, .opener, .opener *, .ag-full-width-row') ? ROW_KEYS
      : focused.closest('.list') ? [] : ['ArrowDown'];
    return ours.includes(e.key) && step(e.key, focused);
  };

  document.addEventListener('pointerdown', () => { wiping = false }, true);
  document.addEventListener('drawn', () => pendingActions.splice(0).forEach(action => action()));
  document.addEventListener('keydown', e => {
    if (e.key !== 'Escape') wiping = false;
    if (e.ctrlKey || e.altKey || e.metaKey || e.isComposing || find('.q-menu, .q-dialog')) return;
    if (!act(e)) return;
    e.preventDefault();
    e.stopPropagation();
  }, true);
})();
"""


def install() -> None:
    """Give the keys to every page of the program."""
    script = SHORTCUTS_SCRIPT.replace('AGAIN', json.dumps(texts.ESCAPE_AGAIN)).replace('WHILE', '3000')
    ui.add_head_html(f'<script>{script}</script>', shared=True)
