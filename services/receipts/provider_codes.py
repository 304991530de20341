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
from services.ingest.status_history import Fact
from services.names import fold

STATUS, ERROR = 'status', 'err'
PROVIDERS = {'smsc': 'SMSC', 'smsru': 'SMS.ru', 'smsaero': 'SMS Aero', 'kannel': 'Kannel'}
"""What the file calls each provider."""
STATUSES = {word: status for status, word in texts.STATUSES.items()}
YES = 'да'


@dataclass(frozen=True)
class Code:
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
class Codes:
    """All known codes."""

    known: Mapping[tuple[str, str, str], Code]
    """By provider, list and code."""
    by_name: Mapping[str, Code]
    """Errors by their folded names: a mailing system hands over a name with a code whose list it does not say."""

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read them from a file.

        Raises:
            OSError, KeyError: the program is not whole.
        """
        providers = {name: provider for provider, name in PROVIDERS.items()}
        known: dict[tuple[str, str, str], Code] = {}
        by_name: dict[str, Code] = {}
        with path.open(encoding='utf-8', newline='') as file:
            for row in csv.DictReader(file):
                status = STATUSES[row['suggested_product_status']] if row['suggested_product_status'] else None
                code = Code(row['name_ru'], status, row['final'] == YES, row['advice_ru'])
                known[providers[row['source']], row['kind'], row['code']] = code
                by_name.setdefault(fold(code.name), code)
        return cls(known, by_name)

    def of(self, provider: str, kind: str, code: str) -> Code | None:
        """Explain a code of a provider's list; None when nobody knows it."""
        return self.known.get((provider, kind, code))

    def advice(self, error_name: str | None, facts: Sequence[Fact] = ()) -> str | None:
        """Say what to do about a message that was not sent; `facts` is what happened to it, the oldest first.

        Its provider's code says more than the error's name alone.
        """
        last = facts[-1] if facts else None
        if last and last.provider:
            kind, code = (ERROR, last.error_code) if last.error_code != last.code else (STATUS, last.code)
            if known := self.of(last.provider, kind, code or ''):
                return known.advice
        found = self.by_name.get(fold(error_name)) if error_name else None
        return found.advice if found else None
