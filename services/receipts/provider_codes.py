"""The meaning of the providers' codes, and advice for operators.

The codes of providers with a module are in `data/provider_codes.csv`, those of others in the file that describes the
provider. The same number has different meanings in different lists, so a code is identified by its provider and its
list. Errors of mobile operators are in no file: administrators maintain them, see services.receipts.operator_codes.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Self

from services import texts
from services.ingest.status_history import StatusEvent
from services.names import fold
from services.providers.provider import ProviderCode, Providers
from services.providers.registry import PROVIDERS
from services.receipts.delivery_report import (
    COMMAND_STATUS_LIST,
    ERROR_LIST,
    NACK_LIST,
    STATE_LIST,
    STATUS_LIST,
    DeliveryReport,
)
from services.receipts.operator_codes import OperatorCode

ERROR_LISTS = (ERROR_LIST, COMMAND_STATUS_LIST, NACK_LIST, STATE_LIST)
"""The lists of reasons, in which codes of one provider have one meaning."""
STATUSES_BY_NAME = {name: status for status, name in texts.STATUSES.items()}
YES = 'да'


@dataclass(frozen=True)
class ProviderCodes:
    """All known codes."""

    by_code: Mapping[tuple[str, str, str], ProviderCode]
    """By provider, list and code; the code is case-folded."""
    errors_by_name: Mapping[str, ProviderCode]
    """By folded name, because a mailing system sends an error's name with a code of an unknown list."""
    operator_codes: Sequence[OperatorCode] = field(default=())
    """The errors of mobile operators."""
    providers: Providers = field(default_factory=lambda: PROVIDERS)
    """All providers by their key."""

    @classmethod
    def load(cls, path: Path, providers: Providers = PROVIDERS) -> Self:
        """Load the codes from a CSV file, and add those that the providers have themselves.

        The file is read once, because it belongs to the program.

        Raises:
            OSError, KeyError: the program's installation is incomplete.
        """
        by_code: dict[tuple[str, str, str], ProviderCode] = {}
        errors_by_name: dict[str, ProviderCode] = {}
        for code_key, folded_name, code in _read_file(path):
            by_code[code_key] = code
            errors_by_name.setdefault(folded_name, code)
        for key, provider in providers.items():
            by_code.update({(key, kind, code): meaning for (kind, code), meaning in provider.codes.items()})
        return cls(by_code, errors_by_name, providers=providers)

    def provider_name(self, provider: str) -> str:
        """Return the title of a provider; an unknown key, for example of a removed file, is returned unchanged."""
        known = self.providers.get(provider)
        return known.title if known else provider

    def with_operator_codes(self, codes: Sequence[OperatorCode]) -> Self:
        """Return these codes together with the errors of mobile operators."""
        return replace(self, operator_codes=codes)

    def find(self, provider: str, kind: str, code: str) -> ProviderCode | None:
        """Find a code of a provider; `kind` is its list."""
        return self.by_code.get((provider, kind, code.casefold()))

    def error_name(self, provider: str, report: DeliveryReport) -> str | None:
        """Return the name of the most specific known reason in a report; None if it has none.

        An error that an administrator has described comes first, for the connection of the report or for any.
        """
        if report.error and self._has_operator_codes(provider):
            for operator in (report.operator, ''):
                for entry in self.operator_codes:
                    if entry.matches(report.error, operator):
                        return entry.name
        reasons = ((report.error_list, report.error), (STATE_LIST, report.message_state))
        known = (self.find(provider, kind, code) for kind, code in reasons if code)
        return next((code.name for code in known if code), None)

    def advice(self, error_name: str | None, decisive_event: StatusEvent | None = None) -> str | None:
        """Return the advice for a message that was not sent, or None.

        The provider's code is more specific than the error's name, so it is looked up first. For an unknown code the
        advice names the provider to ask.

        Args:
            error_name: the message's error in words.
            decisive_event: the event that determines the message's status.
        """
        if error_name and error_name.startswith(texts.PARTLY_DELIVERED):
            return texts.PARTLY_DELIVERED_ADVICE
        event = decisive_event
        if event and event.is_withdrawal:
            return texts.WITHDRAWN_ADVICE
        named_error = self.errors_by_name.get(fold(error_name)) if error_name else None
        advice = named_error.advice if named_error else None
        if event is None or not event.provider or not event.error_code:
            return advice
        known_advice = self._advice_by_code(event.provider, event.error_code, event.error_name)
        if known_advice is None and event.error_code == event.code:
            status = self.find(event.provider, STATUS_LIST, event.code)
            known_advice = status.advice if status else None
        return known_advice or _join((advice, self._unknown_code_advice(event)))

    def _advice_by_code(self, provider: str, code: str, error_name: str | None) -> str | None:
        """Return the advice for an error code.

        The name tells apart the same code of two operators. An error that was described after the receipt had arrived
        is recognized only if it belongs to any operator, and its name is part of the advice.
        """
        if self._has_operator_codes(provider):
            for entry in self.operator_codes:
                if entry.name == error_name and entry.matches(code, entry.operator):
                    return entry.advice or entry.name
            for entry in self.operator_codes:
                if entry.matches(code, ''):
                    return _join((f'{entry.name}.', entry.advice))
        known = (self.find(provider, kind, code) for kind in ERROR_LISTS)
        return next((entry.advice for entry in known if entry), None)

    def _has_operator_codes(self, provider: str) -> bool:
        return provider in self.providers and self.providers[provider].has_operator_codes

    def _unknown_code_advice(self, event: StatusEvent) -> str:
        """Return a sentence about an error code that is in no list, which says whom to ask."""
        assert event.provider
        return texts.UNKNOWN_CODE_ADVICE.format(code=event.error_code, provider=self.provider_name(event.provider))

    def unknown_status_text(self, event: StatusEvent) -> str:
        """Return the wording of an event whose status code is in no list: the code as it came, and whom to ask."""
        provider = self.provider_name(event.provider or event.told_by)
        return texts.STATUS_EVENT_UNKNOWN.format(code=event.code, provider=provider)


def _join(sentences: Iterable[str | None]) -> str:
    return ' '.join(sentence for sentence in sentences if sentence)


@cache
def _read_file(path: Path) -> Sequence[tuple[tuple[str, str, str], str, ProviderCode]]:
    """Return the codes of a CSV file, each after its provider, list and case-folded code, and its folded name."""
    keys_by_title = {provider.title: key for key, provider in PROVIDERS.items()}
    codes = []
    with path.open(encoding='utf-8', newline='') as file:
        for row in csv.DictReader(file):
            status = STATUSES_BY_NAME[row['suggested_product_status']] if row['suggested_product_status'] else None
            code = ProviderCode(row['name_ru'], status, row['final'] == YES, row['advice_ru'])
            codes.append(((keys_by_title[row['source']], row['kind'], row['code'].casefold()), fold(code.name), code))
    return codes
