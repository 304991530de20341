"""The meaning of the providers' codes, and advice for operators: `data/provider_codes.csv`.

The same number has different meanings in different lists, so a code is identified by its provider and its list.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from models import MessageStatus
from services import texts
from services.ingest.status_history import StatusEvent
from services.names import fold
from services.providers.registry import PROVIDERS

STATUS_LIST, ERROR_LIST = 'status', 'err'
PROVIDER_NAMES = {key: provider.title for key, provider in PROVIDERS.items()}
STATUSES_BY_NAME = {name: status for status, name in texts.STATUSES.items()}
YES = 'да'


@dataclass(frozen=True)
class ProviderCode:
    """The meaning of a code."""

    name: str
    """The provider's own wording."""
    status: MessageStatus | None
    """The journal's status; None if the code does not determine the status."""
    final: bool
    """Whether no other status follows."""
    advice: str
    """What the code means for an operator, and what to do."""


@dataclass(frozen=True)
class ProviderCodes:
    """All known codes."""

    by_code: Mapping[tuple[str, str, str], ProviderCode]
    """By provider, list and code."""
    errors_by_name: Mapping[str, ProviderCode]
    """By folded name, because a mailing system sends an error's name with a code of an unknown list."""

    @classmethod
    def load(cls, path: Path) -> Self:
        """Load the codes from a CSV file.

        Raises:
            OSError, KeyError: the program's installation is incomplete.
        """
        providers = {title: key for key, title in PROVIDER_NAMES.items()}
        by_code: dict[tuple[str, str, str], ProviderCode] = {}
        errors_by_name: dict[str, ProviderCode] = {}
        with path.open(encoding='utf-8', newline='') as file:
            for row in csv.DictReader(file):
                status = STATUSES_BY_NAME[row['suggested_product_status']] if row['suggested_product_status'] else None
                code = ProviderCode(row['name_ru'], status, row['final'] == YES, row['advice_ru'])
                by_code[providers[row['source']], row['kind'], row['code']] = code
                errors_by_name.setdefault(fold(code.name), code)
        return cls(by_code, errors_by_name)

    def find(self, provider: str, kind: str, code: str) -> ProviderCode | None:
        """Find a code of a provider; `kind` is STATUS_LIST or ERROR_LIST."""
        return self.by_code.get((provider, kind, code))

    def advice(self, error_name: str | None, decisive_event: StatusEvent | None = None) -> str | None:
        """Return the advice for a message that was not sent, or None.

        The provider's code is more specific than the error's name, so it is looked up first.

        Args:
            error_name: the message's error in words.
            decisive_event: the event that determines the message's status.
        """
        if error_name and error_name.startswith(texts.PARTLY_DELIVERED):
            return texts.PARTLY_DELIVERED_ADVICE
        event = decisive_event
        if event and event.provider:
            kind, code = (ERROR_LIST, event.error_code) if event.error_code != event.code else (STATUS_LIST, event.code)
            known_code = self.find(event.provider, kind, code or '')
            if known_code:
                return known_code.advice
        named_error = self.errors_by_name.get(fold(error_name)) if error_name else None
        return named_error.advice if named_error else None
