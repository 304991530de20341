"""What the text index is asked for, on either engine: what was typed, as tokens that messages have.

The index knows whole words (services.database.indexes.index_builder). So a fragment is first looked up among all words, of which there are a
hundred times fewer than messages; whoever has one of the words found has the fragment, and nobody else. It knows each
two words of a name besides: where two fragments are typed, their pairs are looked up in place of the words.
"""

import math
from dataclasses import dataclass
from typing import Final

from sqlalchemy import text

from services.messages.search.query_shape import BoundQuery
from services.messages.search.text_condition import phone_tokens
from services.names import NamePattern

Tokens = tuple[str, ...]
"""A message has any of them."""

SELECT_WORDS = text("""
    SELECT word FROM word_part WHERE part >= :fragment AND part < :past AND least <= :letters LIMIT :most
""")
SELECT_INITIALS = text("""
    SELECT word FROM word
    WHERE word >= :known AND word < :past AND (:patronymic = '' OR substr(word, 3, 1) = :patronymic)
""")
AFTER_LAST_LETTER = '\U0010ffff'
"""Sorts after every letter."""


@dataclass(frozen=True)
class IndexQuery:
    """What the index is asked for: of any of the readings each set, and of a set any token."""

    alternatives: tuple[tuple[Tokens, ...], ...]
    """None when no message has what was typed."""
    is_exact: bool
    """Whether the messages that have it are those which fit what was typed, and no others."""
    estimated_share: float
    """How large a part of all messages they are, as far as can be told."""

    @property
    def token_count(self) -> int:
        """How many tokens the index looks up."""
        return sum(len(token_set) for alternative in self.alternatives for token_set in alternative)


NO_CONDITION: Final = IndexQuery(alternatives=((),), is_exact=True, estimated_share=1.0)
"""What is asked for where nothing is known."""


def build_index_query(bound_query: BoundQuery) -> IndexQuery | None:
    """Say what to ask the index for; None where it would not help."""
    text_condition, phone = bound_query.text_condition, _phone_index_query(bound_query)
    if not text_condition.name_patterns and phone is None:
        return None
    bound_query.selectivity.refresh(bound_query.connection)
    name_queries = (
        [each for name in text_condition.name_patterns if (each := _name_query(bound_query, name))]
        if text_condition.name_patterns
        else [NO_CONDITION]
    )
    phone_query = phone or NO_CONDITION
    index_query = IndexQuery(
        alternatives=tuple((*name.alternatives[0], *phone_query.alternatives[0]) for name in name_queries),
        is_exact=all(name.is_exact for name in name_queries)
        and (phone.is_exact if phone else text_condition.phone is None),
        estimated_share=min(sum(name.estimated_share for name in name_queries), 1.0) * phone_query.estimated_share,
    )
    if (
        () in index_query.alternatives
        or index_query.estimated_share
        * (bound_query.settings.indexed_row_cost_ns + bound_query.settings.token_cost_ns * index_query.token_count)
        > bound_query.settings.scanned_row_cost_ns
    ):
        return None
    return index_query


def _name_query(bound_query: BoundQuery, pattern: NamePattern) -> IndexQuery | None:
    """Say what to ask for a name; None when nobody has it, and no sets where the index knows too little."""
    estimate_share = bound_query.selectivity.estimate_share
    fragments = sorted(pattern.fragments, key=len, reverse=True)[: bound_query.settings.max_fragments]
    word_sets = [_words_containing(bound_query, fragment) for fragment in fragments]
    if pattern.given_initial or pattern.patronymic_initial:
        word_sets.append(_initials_tokens(bound_query, pattern))
    if () in word_sets:
        return None
    indexed_sets = [words for words in word_sets if words is not None]
    if not indexed_sets:
        return IndexQuery(((),), is_exact=False, estimated_share=1.0)
    rarest, *others = sorted(indexed_sets, key=estimate_share)
    share, pair_sets, separate_sets = estimate_share(rarest), [], []
    for words in others:
        pairs = _pair_tokens(rarest, words, bound_query.settings.max_pairs)
        if pairs is not None:
            pair_sets.append(pairs)
        elif (
            share > bound_query.settings.min_share and estimate_share(words) < bound_query.settings.max_selective_share
        ):
            separate_sets.append(words)
        else:
            break
        share *= estimate_share(words)
    exact = 1 + len(pair_sets) + len(separate_sets) == len(pattern.fragments) + bool(
        pattern.given_initial or pattern.patronymic_initial
    )
    return IndexQuery(((*(pair_sets or [rarest]), *separate_sets),), exact, share)


def _pair_tokens(words: Tokens, other_words: Tokens, max_pairs: int) -> Tokens | None:
    """Give the tokens of names that have any of some words and any of others; None when they are too many."""
    if len(words) * len(other_words) > max_pairs:
        return None
    both = dict.fromkeys(word for word in words if word in other_words)
    pairs = (pair_token(one, other) for one in words if one not in both for other in other_words if other not in both)
    return (*both, *pairs)


def pair_token(one: str, other: str) -> str:
    """Give the token of names that have both of two words (services.database.indexes.sqlite_indexes)."""
    return '.'.join(sorted((one, other)))


def _words_containing(bound_query: BoundQuery, fragment: str) -> Tokens | None:
    """Give the words of which each name that has a fragment has one; None when they are too many."""
    values = {
        'fragment': fragment,
        'past': fragment + AFTER_LAST_LETTER,
        'letters': len(fragment),
        'most': bound_query.settings.max_words + 1,
    }
    words = bound_query.connection.execute(SELECT_WORDS, values).scalars().all()
    return tuple(dict.fromkeys(words)) if len(words) <= bound_query.settings.max_words else None


def _initials_tokens(bound_query: BoundQuery, pattern: NamePattern) -> Tokens:
    """Give the tokens of all two initials of which one or both are known."""
    prefix = '.' + pattern.given_initial
    values = {'known': prefix, 'past': prefix + AFTER_LAST_LETTER, 'patronymic': pattern.patronymic_initial}
    return tuple(bound_query.connection.execute(SELECT_INITIALS, values).scalars())


def _phone_index_query(bound_query: BoundQuery) -> IndexQuery | None:
    """Say what to ask for some digits of a phone; None when they are too few, or all are known."""
    phone = bound_query.text_condition.phone
    if phone is None or phone.is_full_number or not bound_query.text_condition.has_indexed_phone:
        return None
    token_sets = phone_tokens(phone.digits)
    share = math.prod(len(token_set) * bound_query.settings.phone_token_share for token_set in token_sets)
    return IndexQuery(
        (tuple(tuple(f'.{four}' for four in choice) for choice in token_sets),), len(token_sets) == 1, share
    )
