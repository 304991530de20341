"""A person who is to be forgotten: whose messages they are, and which texts name them.

A phone or a name that messages of others have as well does not identify the person: it is removed with the person's
own messages, and stays in stored searches and in the audit log.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, false, func, select, text
from sqlmodel import Session

from services import names, phones, texts
from services.database.tables import DOCUMENT_TABLE, MESSAGE_TABLE
from services.errors import InvalidInputError

MIN_DIGITS: Final = 7
"""The least number of digits that stand for a whole phone number."""
MIN_STEM: Final = 4
"""The least number of letters that stand for a surname."""
NUMBER: Final = re.compile(r'\d[\d\s()\[\].\u2010-\u2015\u2212-]*')
WORD: Final = re.compile(r'\w\w+')
MESSAGES_WITH_WORD: Final = text("""
    SELECT coalesce(sum(messages), 0) FROM word_total
    WHERE word IN (SELECT word FROM word WHERE replace(word, '-', '') = :word)
""")
DOUBLE_NAMES: Final = text("""
    SELECT word FROM word WHERE replace(word, '-', '') = :word AND word LIKE '%-%'
""")
message, document = MESSAGE_TABLE.c, DOCUMENT_TABLE.c


class InvalidPersonError(InvalidInputError):
    """Neither a phone nor a whole name; the message is for the user."""


@dataclass(frozen=True)
class PersonKey:
    """The phone, the name, or both, by which a person is found."""

    phone: str | None
    """In E.164."""
    name: str | None
    """Folded."""
    words: tuple[str, ...] = ()
    """The words of the name as a search for it is read, the halves of a double name one by one."""

    @classmethod
    def parse(cls, phone: str | None, name: str | None) -> 'PersonKey':
        """Parse a phone in any notation, and a whole name.

        Raises:
            InvalidPersonError: there is neither, or one is invalid.
        """
        if not (phone or name):
            raise InvalidPersonError(texts.FORGET_NOBODY)
        folded = names.fold_name(name) if name else None
        if folded is not None and len(WORD.findall(folded)) < 2:
            raise InvalidPersonError(texts.FORGET_NO_NAME)
        words = [word for pattern in names.parse_name(name or '')[:1] for word in pattern.fragments]
        try:
            return cls(phones.to_e164(phone) if phone else None, folded, tuple(words))
        except phones.InvalidPhoneError:
            raise InvalidPersonError(texts.FORGET_NO_PHONE) from None

    def messages(self) -> ColumnElement[bool]:
        """Build the condition of the person's messages."""
        by_phone = [message.phone == self.phone] if self.phone else []
        return and_(*by_phone, *([message.name_key == self.name] if self.name else []))


@dataclass(frozen=True)
class Person:
    """What identifies a person, and nobody else."""

    phones: frozenset[str] = frozenset()
    """In E.164."""
    names: frozenset[str] = frozenset()
    """Folded."""
    words: frozenset[str] = frozenset()
    """Folded words of the names that nobody else has."""
    snils: frozenset[str] = frozenset()

    def is_named_in(self, value: Any) -> bool:
        """Return whether a text, or any text in a JSON value, names the person."""
        return any(self._is_named_in_text(each) for each in _texts(value))

    def is_hinted_at(self, value: str) -> bool:
        """Return whether a text names the person, or has the beginning of their surname in any grammatical case."""
        surnames = {word for name in self.names for word in names.surname(name)} | self.words
        stems = {word[: max(MIN_STEM, len(word) - 2)] for word in surnames}
        words = WORD.findall(names.fold(value))
        return self.is_named_in(value) or any(word.startswith(stem) for word in words for stem in stems)

    def documents(self) -> ColumnElement[bool]:
        """Build the condition of the person's documents, which have no phone."""
        return document.name_key.in_(self.names) if self.names else false()

    def _is_named_in_text(self, value: str) -> bool:
        return self._has_number(value) or self._has_name(value)

    def _has_number(self, value: str) -> bool:
        for number in NUMBER.findall(value[: names.MAX_TEXT_LENGTH]):
            digits = re.sub(r'\D', '', number)
            if any(each in digits for each in self.snils):
                return True
            for phone in self.phones:
                whole = phone.removeprefix('+')
                national = whole[1:] if phone.startswith('+7') else whole
                if national in digits or (len(digits) >= MIN_DIGITS and digits in whole):
                    return True
        return False

    def _has_name(self, value: str) -> bool:
        words = set(WORD.findall(names.fold(value)))
        if words & self.words:
            return True
        patterns = names.parse_name(value)
        return any(
            _is_whole_name(name, words) or any(_is_name(pattern, name) for pattern in patterns) for name in self.names
        )


def find_person(session: Session, key: PersonKey) -> Person:
    """Read what identifies a person: the phones and the names of their messages that no others have."""
    own = key.messages()
    found = session.execute(
        select(message.phone, message.name_key, func.count()).where(own).group_by('phone', 'name_key')
    )
    counts = {(row[0], row[1]): row[2] for row in found if row[0]}
    own_phones = {phone for phone, _ in counts} | ({key.phone} if key.phone else set())
    own_names = {name for _, name in counts} | ({key.name} if key.name else set())
    own_phones = {each for each in own_phones if not _has_row(session, message.phone == each, ~own)}
    is_named = {each for each in own_names if not _has_row(session, message.name_key == each, ~own)}
    # Documents have no phone: without the name they are not known to be the person's.
    own_names = {each for each in is_named if each == key.name or not _has_row(session, document.name_key == each)}
    numbers = session.execute(select(document.snils).where(document.name_key.in_(own_names)).distinct()).scalars()
    own_numbers = {
        each
        for each in numbers.all()
        if each and not _has_row(session, document.snils == each, document.name_key.not_in(own_names))
    }
    words = _own_words(session, key, counts, own_names)
    return Person(frozenset(own_phones), frozenset(own_names), frozenset(words), frozenset(own_numbers))


def _own_words(
    session: Session, key: PersonKey, counts: Mapping[tuple[str, str], int], own_names: Collection[str]
) -> Iterator[str]:
    """Yield the words that occur in no message and no document of others."""
    messages = Counter(dict.fromkeys(own_names, 0))
    for (_, name), count in counts.items():
        messages[name] += count
    words: Counter[str] = Counter(dict.fromkeys(key.words if key.name in own_names else (), 0))
    for name, count in messages.items():
        for word in name.split():
            halves = session.execute(DOUBLE_NAMES, {'word': word}).scalars().all()
            words.update(dict.fromkeys({word, *(half for each in halves for half in each.split('-'))}, count))
    for word, count in words.items():
        is_of_others = document.name_key.contains(word, autoescape=True) & document.name_key.not_in(own_names)
        if len(word) < MIN_STEM or session.execute(MESSAGES_WITH_WORD, {'word': word}).scalar_one() > count:
            continue
        if not _has_row(session, is_of_others):
            yield word


def _has_row(session: Session, *conditions: ColumnElement[bool]) -> bool:
    return session.execute(select(1).where(*conditions).limit(1)).first() is not None


def _is_name(pattern: names.NamePattern, name: str) -> bool:
    """Return whether a typed name is that of the person: the surname, and a given name, a patronymic or an initial."""
    has_surname = any(
        fragment == word or (len(fragment) >= MIN_STEM and fragment in word)
        for fragment in pattern.fragments
        for word in names.surname(name)
    )
    more = len(pattern.fragments) + bool(pattern.given_initial) + bool(pattern.patronymic_initial) > 1
    return has_surname and more and names.matches(pattern, name)


def _is_whole_name(name: str, words: set[str]) -> bool:
    """Return whether a text has the surname and another word of a name."""
    return len(words.intersection(name.split())) > 1 and bool(words.intersection(names.surname(name)))


def _texts(value: Any) -> Iterator[str]:
    """Yield every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)
