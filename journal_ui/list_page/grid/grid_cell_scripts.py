"""The few lines of JavaScript that AG Grid takes: how a cell is drawn, and what a key or a click in it means.

Everything is built with `textContent`: what a row holds is shown as text, whatever it is.
"""

import json
from typing import Any

from services import texts


def opener(show: str, hide: str) -> dict[str, Any]:
    """Define the column of the buttons that open and shut a row."""
    return {
        'colId': 'opener',
        ':valueGetter': 'p => !!p.data.open',
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
        ':cellRenderer': OPENER.replace('SHOW', json.dumps(show)).replace('HIDE', json.dumps(hide)),
    }


OPENER = """class {
  init(p) {
    this.button = document.createElement('button');
    this.button.type = 'button';
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    svg.setAttribute('viewBox', '0 0 24 24');
    svg.setAttribute('aria-hidden', 'true');
    path.setAttribute('d', 'M7 10l5 5l5-5');
    svg.append(path);
    this.button.append(svg);
    this.refresh(p);
  }
  getGui() { return this.button }
  refresh(p) {
    this.button.setAttribute('aria-expanded', String(p.value));
    this.button.setAttribute('aria-label', p.value ? HIDE : SHOW);
    this.button.title = p.value ? HIDE : SHOW;
    return true;
  }
}"""


def copying(parts: str, said: str) -> str:
    """Draw a value that a click copies; `parts` says of `p` what is shown and copied, and how the button is called.

    `execCommand`, because the Clipboard API is missing wherever an intranet has no TLS.
    """
    return COPYING.replace('PARTS', parts).replace('SAID', json.dumps(said))


COPYING = """p => {
  if (!p.value) return '';
  const button = document.createElement('button'), {shown, copied, title, name} = PARTS;
  button.type = 'button';
  button.tabIndex = -1;
  button.textContent = shown;
  button.title = title;
  if (name) button.setAttribute('aria-label', name);
  button.onclick = () => {
    const put = e => { e.clipboardData.setData('text/plain', copied); e.preventDefault() };
    document.addEventListener('copy', put, {once: true});
    document.execCommand('copy');
    document.removeEventListener('copy', put);
    Quasar.Notify.create({message: SAID, timeout: 1200, position: 'bottom'});
  };
  return button;
}"""

CODE = copying('{shown: p.value.slice(0, 8), copied: p.value, title: p.value}', texts.CODE_COPIED)

PHONE = copying(
    "{shown: p.value, copied: p.value.replace(/[^+0-9]/g, ''), title: COPY, name: COPY + ' ' + p.value}".replace(
        'COPY', json.dumps(texts.COPY_NUMBER)
    ),
    texts.NUMBER_COPIED,
)
"""A number is copied as it is dialled: +79161234567."""

DETAILS = """class {
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
    const {details, columns} = p.data;
    const away = columns.filter(([field]) => !p.api.getColumn(field)?.isVisible());
    this.root.replaceChildren(
      this.list('texts', details.filter(part => part[2] === 'message')),
      this.list('facts', details.filter(part => part[2] !== 'message')),
      this.list('rest', away.map(([, title, value]) => [title, value])));
    return true;
  }
  list(className, parts) {
    const dl = document.createElement('dl');
    dl.className = className;
    for (const [title, text, kind, steps] of parts) {
      const div = document.createElement('div'), dt = document.createElement('dt'), dd = document.createElement('dd');
      div.className = kind || '';
      dt.textContent = title;
      if (steps?.length) dd.append(this.timeline(steps)); else dd.textContent = text;
      div.append(dt, dd);
      dl.append(div);
    }
    return dl;
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
}"""
"""The opened row is as high as its text, and stays so when the window changes. It also tells
the columns that are not in sight: hidden, or without room on a phone."""

KEYS = """p => {
  if (p.event.key === 'Tab') return true;
  if (!['Enter', ' '].includes(p.event.key)) return false;
  const cell = p.event.target;
  if (cell.tagName !== 'BUTTON') {
    p.event.preventDefault();
    (cell.querySelector('button') ?? cell.closest('.ag-row')?.querySelector('.opener button'))?.click();
  }
  return true;
}"""
"""Tab goes from row button to row button, as the browser has it. Enter and Space press
the button of a cell, or open its row; on a button itself the browser does that."""

HEADER_KEYS = """p => {
  if (p.event.key !== 'Tab' || p.event.shiftKey) return false;
  const button = p.event.target.closest('.ag-root')?.querySelector('.opener button');
  if (!button) return false;
  p.event.preventDefault();
  button.focus();
  return true;
}"""
"""Tab goes from the header to the first row's button: arrows go from column to column."""

OPENED = "(e) => { if (e.colId === 'opener') emit(e.rowId) }"

SORTED = """(e) => {
  if (e.source !== 'uiColumnSorted') return;
  const sorted = getElement(ID).api.getColumnState().find(column => column.sort);
  emit(sorted?.colId ?? null, sorted?.sort ?? null);
}"""
