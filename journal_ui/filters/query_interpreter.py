"""What a page understands by what was typed: a code in any field, a phone in the field of the name."""

from collections.abc import Collection
from typing import Final, Protocol, TypeVar

from services.lists.query_protocol import Interpretation, Query

Q = TypeVar('Q', bound=Query)

PASTE_CODE_JS: Final = """(e) => {
  if (e.target.tagName !== 'INPUT') return;
  const text = e.clipboardData?.getData('text') ?? '';
  const found = text.match(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi) ?? [];
  const code = found[0] ?? text.replace(/[\\s"'`«»“”„()<>{}\\[\\]…-]/g, '');
  const isBeginning = /^[0-9a-f]{8,32}$/i.test(code) && /[a-f]/i.test(code) && /[0-9]/.test(code);
  if (found.length !== 1 && !isBeginning) return;
  e.preventDefault();
  e.stopPropagation();
  getElement(Number(e.target.id.slice(1)))?.hidePopup?.();  // the list of a select would cover the result
  emit(code);
}"""
"""A code that is pasted into any field is no text for this field; the server checks it, too."""


class QueryInterpreter(Protocol[Q]):
    """Interprets the conditions of one list."""

    def interpret(self, query: Q, edited_fields: Collection[str] = ()) -> Interpretation[Q]:
        """Interpret the conditions that a user submits; `edited_fields` were edited since the last search."""

    def interpret_pasted(self, query: Q, text: str) -> Interpretation[Q] | None:
        """Interpret a text that was pasted into any field; None if it is what the field expects."""
