"""What a provider's codes mean, and what an operator does about them: `data/provider_codes.csv`.

The same number stands for different things in different lists, so a code is always of a provider and of its list.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from models import MessageStatus
from services import texts
from services.ingest.status_history import StatusEvent
from services.names import fold

STATUS_LIST, ERROR_LIST = 'status', 'err'
PROVIDER_NAMES = {'smsc': 'SMSC', 'smsru': 'SMS.ru', 'smsaero': 'SMS Aero', 'kannel': 'Kannel'}
"""What the file calls each provider."""
STATUSES_BY_NAME = {word: status for status, word in texts.STATUSES.items()}
YES = 'да'


@dataclass(frozen=True)
class ProviderCode:
    """What a code means."""

    name: str
    """In the provider's own words."""
    status: MessageStatus | None
    """The journal's status; None where the code alone decides nothing."""
    final: bool
    """Whether no other status comes after it."""
    advice: str
    """What it means for an operator, and what to do."""


@dataclass(frozen=True)
class ProviderCodes:
    """All known codes."""

    by_code: Mapping[tuple[str, str, str], ProviderCode]
    """By provider, list and code."""
    errors_by_name: Mapping[str, ProviderCode]
    """Errors by their folded names: a mailing system hands over a name with a code whose list it does not say."""

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read them from a file.

        Raises:
            OSError, KeyError: the program is not whole.
        """
        providers = {name: provider for provider, name in PROVIDER_NAMES.items()}
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
        """Explain a code of a provider's list; None when nobody knows it."""
        return self.by_code.get((provider, kind, code))

    def advice(self, error_name: str | None, events: Sequence[StatusEvent] = ()) -> str | None:
        """Say what to do about a message that was not sent; `facts` is what happened to it, the oldest first.

        Its provider's code says more than the error's name alone.
        """
        last = events[-1] if events else None
        if last and last.provider:
            kind, code = (ERROR_LIST, last.error_code) if last.error_code != last.code else (STATUS_LIST, last.code)
            if explained := self.find(last.provider, kind, code or ''):
                return explained.advice
        named_error = self.errors_by_name.get(fold(error_name)) if error_name else None
        return named_error.advice if named_error else None
