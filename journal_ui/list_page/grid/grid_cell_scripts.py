"""The JavaScript of AG Grid's cells: how they are drawn, and what keys and clicks in them do.

Everything is built with `textContent`, so that the content of a row is always displayed as text.
"""

import json
from typing import Any

from journal_ui.components.copy_script import COPY_TEXT_JS
from services import texts


def expand_column(expand_label: str, collapse_label: str) -> dict[str, Any]:
    """Define the column of the buttons that expand and collapse a row; their names end with the label of the row."""
    return {
        'colId': 'opener',
        ':valueGetter': 'p => !!p.data.open',
        ':equals': '() => false',  # the label may change while the row stays as it is
        'headerName': '',
        'headerComponentParams': {'template': f'<span class="unseen">{texts.DETAILS}</span>'},
        'width': 40,
        'minWidth': 36,
        'maxWidth': 40,
        'resizable': False,
        'sortable': False,
        'suppressMovable': True,
        'lockPosition': 'left',
        'cellClass': 'opener',
        ':cellRenderer': EXPAND_BUTTON_JS.replace('SHOW', json.dumps(expand_label)).replace(
            'HIDE', json.dumps(collapse_label)
        ),
    }


ICON_JS = """(shape => {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    svg.setAttribute('viewBox', '0 0 24 24');
    svg.setAttribute('aria-hidden', 'true');
    path.setAttribute('d', shape);
    svg.append(path);
    return svg;
  })"""
"""A function that returns the icon with a shape, the data of an SVG path."""

EXPAND_BUTTON_JS = """class {
  init(p) {
    this.button = document.createElement('button');
    this.button.type = 'button';
    this.button.append(ICON_JS('M7 10l5 5l5-5'));
    this.refresh(p);
  }
  getGui() { return this.button }
  refresh(p) {
    const name = (p.value ? HIDE : SHOW) + ': ' + p.data.label;
    this.button.setAttribute('aria-expanded', String(p.value));
    this.button.setAttribute('aria-label', name);
    this.button.title = name;
    return true;
  }
}""".replace('ICON_JS', ICON_JS)


def copy_button_js(parts_js: str, notification: str) -> str:
    """Return the renderer of a value that a click copies; `parts_js` builds the button's texts from AG Grid's `p`."""
    return COPY_BUTTON_TEMPLATE_JS.replace('PARTS', parts_js).replace('SAID', json.dumps(notification))


ORIGIN = '{origin}'
"""Stands for the scheme and the host of the page in a text that is copied: only the browser knows them."""
COPY_BUTTON_TEMPLATE_JS = """p => {
  if (!p.value) return '';
  const button = document.createElement('button'), {shown, copied, title, name} = PARTS;
  button.type = 'button';
  button.tabIndex = -1;
  button.textContent = shown;
  button.title = title;
  if (name) button.setAttribute('aria-label', name);
  button.onclick = () => {
    COPY_TEXT_JS
    Quasar.Notify.create({message: SAID, timeout: 1200, position: 'bottom'});
  };
  return button;
}""".replace('COPY_TEXT_JS', COPY_TEXT_JS)

COPY_UUID_JS = copy_button_js('{shown: p.value.slice(0, 8), copied: p.value, title: p.value}', texts.CODE_COPIED)

COPY_PHONE_JS = copy_button_js(
    "{shown: p.value, copied: p.value.replace(/[^+0-9]/g, ''), title: COPY, name: COPY + ' ' + p.value}".replace(
        'COPY', json.dumps(texts.COPY_NUMBER)
    ),
    texts.NUMBER_COPIED,
)
"""A phone number is copied as it is dialled: +79161234567."""


def annotated_text_js(field: str) -> str:
    """Return the renderer of a text that may have a note below it, and a link to a page about it.

    The link appears with the pointer or the focus. A cell without both is a plain text.
    """
    return ANNOTATED_TEXT_JS.replace('NOTE', json.dumps(f'{field}_note')).replace('LINK', json.dumps(f'{field}_link'))


def tooltip_with_note_js(field: str) -> str:
    """Return the function that builds the tooltip of such a cell."""
    return f"p => [p.value, p.data?.[{json.dumps(f'{field}_note')}]].filter(Boolean).join('. ')"


def full_text_tooltip_js(field: str) -> str:
    """Return the function that builds the tooltip of a cell whose text is written for little space."""
    return f'p => p.data?.[{json.dumps(f"{field}_full")}] ?? p.value'


ANNOTATED_TEXT_JS = """p => {
  const note = p.data?.[NOTE], link = p.data?.[LINK];
  if (!note && !link?.length) return p.value;
  const text = document.createElement('span');
  text.textContent = p.value;
  if (note) {
    const line = document.createElement('span');
    text.className = 'noted';
    line.className = 'note';
    line.textContent = note;
    text.append(' ', line);
  }
  if (!link?.length) return text;
  const cell = document.createElement('span'), anchor = document.createElement('a');
  cell.className = 'named';
  anchor.href = link[0];
  anchor.title = link[1];
  anchor.tabIndex = -1;  // by keyboard the details of the row have the same link
  anchor.setAttribute('aria-label', link[1]);
  anchor.append(ICON_JS('M4 6h3M4 12h3M4 18h3M10 6h10M10 12h10M10 18h10'));
  cell.append(text, anchor);
  return cell;
}""".replace('ICON_JS', ICON_JS)

DETAILS_ROW_JS = (
    """class {
  init(p) {
    this.root = document.createElement('div');
    this.root.className = 'detail';
    this.root.setAttribute('role', 'gridcell');
    this.refresh(p);
    this.again = () => this.refresh(this.p);
    p.api.addEventListener('displayedColumnsChanged', this.again);
    new ResizeObserver(() => {
      const height = this.root.offsetHeight, data = p.node.data;
      if (!height || data.height === height) return;
      data.height = height;
      p.node.setRowHeight(height);
      p.api.onRowHeightChanged();
    }).observe(this.root);
  }
  getGui() { return this.root }
  destroy() { this.p.api.removeEventListener('displayedColumnsChanged', this.again) }
  refresh(p) {
    this.p = p;
    const {details, columns, label} = p.data;
    this.nameOf = title => `${title}: ${label}`;
    const away = columns.filter(([field]) => !p.api.getColumn(field)?.isVisible());
    const isText = ([, , kind]) => ['message', 'note'].includes(kind), isCopied = part => part[4];
    this.root.replaceChildren(
      this.list('texts', details.filter(isText)),
      this.list('facts', details.filter(part => !isText(part) && !isCopied(part))),
      this.list('rest', away.map(([, title, value]) => [title, value])),
      this.buttons(details.filter(isCopied)));
    return true;
  }
  buttons(parts) {
    const row = document.createElement('div');
    row.className = 'copies';
    row.setAttribute('aria-live', 'polite');
    for (const [title, text] of parts) {
      const button = document.createElement('button'), copied = text.replaceAll(ORIGIN, location.origin);
      const write = words => {
        button.textContent = words;
        button.setAttribute('aria-label', this.nameOf(words));
      };
      let timer;
      button.type = 'button';
      button.className = 'press';
      write(title);
      button.onclick = () => {
        COPY_TEXT_JS
        // said in the button itself, where it covers nothing; the width stays, so that nothing moves
        button.style.minWidth = button.offsetWidth + 'px';
        write(COPIED);
        clearTimeout(timer);
        timer = setTimeout(write, 1500, title);
      };
      row.append(button);
    }
    // the browser moves between these buttons and presses them, not AG Grid
    row.onkeydown = e => { if (['Tab', 'Enter', ' '].includes(e.key)) e.stopPropagation() };
    return row;
  }
  list(className, parts) {
    const dl = document.createElement('dl');
    dl.className = className;
    for (const [title, text, kind, steps, , url] of parts) {
      const div = document.createElement('div'), dt = document.createElement('dt'), dd = document.createElement('dd');
      div.className = kind || '';
      dt.textContent = title;
      if (steps?.length) dd.append(this.timeline(steps));
      else if (url) dd.append(this.link(url, text));
      else dd.textContent = text;
      div.append(dt, dd);
      dl.append(div);
    }
    return dl;
  }
  link(url, text) {
    const anchor = document.createElement('a');
    anchor.href = url;
    anchor.textContent = text;
    anchor.setAttribute('aria-label', this.nameOf(text));
    return anchor;
  }
  timeline(steps) {
    const ol = document.createElement('ol');
    ol.className = 'timeline';
    for (const [time, text, tone] of steps) {
      const li = document.createElement('li'), when = document.createElement('span');
      li.className = tone;
      when.className = 'when';
      when.textContent = time;
      li.append(when, ' ' + text);
      ol.append(li);
    }
    return ol;
  }
}""".replace('COPY_TEXT_JS', COPY_TEXT_JS)
    .replace('ORIGIN', json.dumps(ORIGIN))
    .replace('COPIED', json.dumps(texts.COPIED))
)
"""The details are as high as their text, also after the window is resized. They also contain the columns that
are not visible: hidden by the user, or without space on a phone."""

SUPPRESS_CELL_KEYS_JS = """p => {
  if (p.event.key === 'Tab') return true;
  if (!['Enter', ' '].includes(p.event.key)) return false;
  const cell = p.event.target;
  if (cell.tagName !== 'BUTTON') {
    p.event.preventDefault();
    (cell.querySelector('button') ?? cell.closest('.ag-row')?.querySelector('.opener button'))?.click();
  }
  return true;
}"""
"""Tab moves between the buttons of rows, as in any page. Enter and Space press the button of a cell, or expand
its row; on a button itself the browser does that."""

SUPPRESS_HEADER_KEYS_JS = """p => {
  if (p.event.key !== 'Tab' || p.event.shiftKey) return false;
  const button = p.event.target.closest('.ag-root')?.querySelector('.opener button');
  if (!button) return false;
  p.event.preventDefault();
  button.focus();
  return true;
}"""
"""Tab moves from the header to the button of the first row; arrows move between columns."""

ON_EXPAND_CLICKED_JS = "(e) => { if (e.colId === 'opener') emit(e.rowId) }"

ON_SORT_CHANGED_JS = """(e) => {
  if (e.source !== 'uiColumnSorted') return;
  window.awaitRows?.();
  const sorted = getElement(ID).api.getColumnState().find(column => column.sort);
  emit(sorted?.colId ?? null, sorted?.sort ?? null);
}"""
