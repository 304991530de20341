"""The result of an import, and its description for the user."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from services import texts
from services.formats import integer
from services.ingest.table_files.column_titles import quoted_list


@dataclass(frozen=True)
class ImportReport:
    """What an import did."""

    created: int
    updated: int
    unchanged: int
    rejected: int
    """Numbers of rows."""
    rejects_path: Path | None
    """The file of rejected rows; None if there are none."""
    unknown_names: Sequence[str] = ()
    """The titles of columns that were not imported."""
    rounded: int = 0
    """Imported rows whose amount had a fraction of a kopeck."""

    def describe(self, accepted_text: str) -> list[str]:
        """Return the result as lines of text; `accepted_text` has a placeholder for the number of accepted rows."""
        accepted = self.created + self.updated + self.unchanged
        lines = [accepted_text.format(count=integer(accepted))]
        if accepted and accepted == self.unchanged:
            lines.append(texts.IMPORT_NOTHING_NEW)
        elif accepted:
            parts = {'created': self.created, 'updated': self.updated, 'unchanged': self.unchanged}
            lines.append(texts.IMPORT_PARTS.format(**{name: integer(count) for name, count in parts.items()}))
        if self.rounded:
            lines.append(texts.IMPORT_ROUNDED.format(count=integer(self.rounded)))
        if self.unknown_names:
            lines.append(texts.IMPORT_IGNORED_COLUMNS.format(columns=quoted_list(self.unknown_names)))
        lines.append(texts.IMPORT_REJECTED.format(count=integer(self.rejected)))
        return lines
