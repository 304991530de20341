"""A name and a phone as a search understands them, apart from how each engine finds them."""

from dataclasses import dataclass

from services import names, phones


@dataclass(frozen=True)
class TextSearch:
    """What is known of the person: any of the readings of the name must fit, and the digits of the phone."""

    names: tuple[names.Reading, ...]
    phone: phones.Digits | None

    @classmethod
    def of(cls, name: str, phone: str) -> 'TextSearch':
        """Understand what was typed; what says nothing is no condition."""
        return cls(names.readings(name), phones.known_digits(phone))

    def __bool__(self) -> bool:
        return bool(self.names or self.phone)
