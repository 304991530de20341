"""The query to the text index, on either engine: what was typed, as tokens that messages have.

The index knows whole words (services.database.indexes.index_builder). So a fragment is first looked up among all words,
of which there are a hundred times fewer than messages; a name contains the fragment if and only if it has one of the
words that contain it. The index also knows each pair of words of a name: where two fragments are typed, the pairs are
looked up instead of the words.
"""

import math
from dataclasses import dataclass
from typing import Final

from sqlalchemy import text

from services.messages.search.planner_settings import PlannerSettings
from services.messages.search.query_shape import BoundQuery
from services.messages.search.text_condition import phone_tokens, separate_fragments
from services.names import NamePattern

Tokens = tuple[str, ...]
"""A set of tokens, of which a message must have any."""

SELECT_WORDS = text("""
    SELECT word FROM word_part WHERE part >= :fragment AND part < :past AND least <= :letters LIMIT :most
""")
SELECT_WHOLE_WORDS = text("""
    SELECT word FROM word_part WHERE part = :word AND replace(word, '-', '') = :word
""")
SELECT_INITIALS = text("""
    SELECT word FROM word
    WHERE word >= :known AND word < :past AND (:patronymic = '' OR substr(word, 3, 1) = :patronymic)
""")
AFTER_LAST_LETTER = '\U0010ffff'
"""A character that sorts after every letter."""


@dataclass(frozen=True)
class IndexQuery:
    """A query to the text index: any of the alternatives, of an alternative each set, of a set any token."""

    alternatives: tuple[tuple[Tokens, ...], ...]
    """Empty if no message has what was typed."""
    is_exact: bool
    """Whether the messages that the index yields are those that fit the text, and no others."""
    estimated_share: float
    """The estimated share of all messages that the index yields."""

    @property
    def token_count(self) -> int:
        """The number of tokens that are looked up."""
        return sum(len(token_set) for alternative in self.alternatives for token_set in alternative)


NO_CONDITION: Final = IndexQuery(alternatives=((),), is_exact=True, estimated_share=1.0)
"""The query for a text that is empty."""


def build_index_query(bound_query: BoundQuery) -> IndexQuery | None:
    """Build the query to the text index; None if the index would not help."""
    text_condition, phone_query = bound_query.text_condition, _phone_index_query(bound_query)
    if not text_condition.name_patterns and phone_query is None:
        return None
    bound_query.selectivity.refresh(bound_query.connection)
    name_queries = [NO_CONDITION]
    if text_condition.name_patterns:
        pattern_queries = [_name_query(bound_query, pattern) for pattern in text_condition.name_patterns]
        name_queries = [query for query in pattern_queries if query is not None]
    if phone_query is None:
        phone_query = IndexQuery(((),), is_exact=not text_condition.phone_patterns, estimated_share=1.0)
    name_share = min(sum(query.estimated_share for query in name_queries), 1.0)
    index_query = IndexQuery(
        alternatives=tuple(
            (*query.alternatives[0], *phone_sets) for query in name_queries for phone_sets in phone_query.alternatives
        ),
        is_exact=all(query.is_exact for query in name_queries) and phone_query.is_exact,
        estimated_share=name_share * phone_query.estimated_share,
    )
    is_unbounded = () in index_query.alternatives
    return None if is_unbounded or _scan_is_cheaper(index_query, bound_query.settings) else index_query


def _scan_is_cheaper(index_query: IndexQuery, limits: PlannerSettings) -> bool:
    """Check whether reading all messages costs less than reading those that the index yields."""
    row_cost_ns = limits.indexed_row_cost_ns + limits.token_cost_ns * index_query.token_count
    return index_query.estimated_share * row_cost_ns > limits.scanned_row_cost_ns


def _name_query(bound_query: BoundQuery, pattern: NamePattern) -> IndexQuery | None:
    """Build the query for a name; None if no message has it, and without token sets if its fragments are too common."""
    limits, estimate_share = bound_query.settings, bound_query.selectivity.estimate_share
    has_initials = bool(pattern.given_initial or pattern.patronymic_initial)
    separate = separate_fragments(pattern)
    whole_words, fragments = (
        sorted(each, key=len, reverse=True)[: limits.max_fragments] for each in (pattern.words, separate)
    )
    word_sets: list[Tokens | None] = [_whole_words(bound_query, word) for word in whole_words]
    word_sets += [_words_containing(bound_query, fragment) for fragment in fragments]
    if has_initials:
        word_sets.append(_initials_tokens(bound_query, pattern))
    if () in word_sets:
        return None
    indexed_sets = [words for words in word_sets if words is not None]
    if not indexed_sets:
        return IndexQuery(((),), is_exact=False, estimated_share=1.0)
    rarest, *others = sorted(indexed_sets, key=estimate_share)
    share, pair_sets, separate_sets = estimate_share(rarest), [], []
    for words in others:
        pairs = _pair_tokens(rarest, words, limits.max_pairs)
        if pairs is not None:
            pair_sets.append(pairs)
        elif share > limits.min_share and estimate_share(words) < limits.max_selective_share:
            separate_sets.append(words)
        else:
            break
        share *= estimate_share(words)
    condition_count = len(pattern.words) + len(separate) + int(has_initials)
    is_exact = 1 + len(pair_sets) + len(separate_sets) == condition_count
    return IndexQuery(((*(pair_sets or [rarest]), *separate_sets),), is_exact, share)


def _pair_tokens(words: Tokens, other_words: Tokens, max_pairs: int) -> Tokens | None:
    """Return the tokens of names that have a word of each of two sets; None if they are more than `max_pairs`."""
    if len(words) * len(other_words) > max_pairs:
        return None
    both = dict.fromkeys(word for word in words if word in other_words)
    pairs = (pair_token(one, other) for one in words if one not in both for other in other_words if other not in both)
    return (*both, *pairs)


def pair_token(one: str, other: str) -> str:
    """Return the token of names that have both words (services.database.indexes.sqlite_indexes)."""
    return '.'.join(sorted((one, other)))


def _words_containing(bound_query: BoundQuery, fragment: str) -> Tokens | None:
    """Read the words that contain a fragment; None if they are too many."""
    max_words = bound_query.settings.max_words
    params = {
        'fragment': fragment,
        'past': fragment + AFTER_LAST_LETTER,
        'letters': len(fragment),
        'most': max_words + 1,
    }
    words = bound_query.connection.execute(SELECT_WORDS, params).scalars().all()
    return tuple(dict.fromkeys(words)) if len(words) <= max_words else None


def _whole_words(bound_query: BoundQuery, word: str) -> Tokens:
    """Read the tokens of a whole word: the word, and a double name that is the same without its hyphen."""
    return tuple(bound_query.connection.execute(SELECT_WHOLE_WORDS, {'word': word}).scalars())


def _initials_tokens(bound_query: BoundQuery, pattern: NamePattern) -> Tokens:
    """Read the tokens of all pairs of initials that fit the one or two that are known."""
    prefix = '.' + pattern.given_initial
    params = {'known': prefix, 'past': prefix + AFTER_LAST_LETTER, 'patronymic': pattern.patronymic_initial}
    return tuple(bound_query.connection.execute(SELECT_INITIALS, params).scalars())


def _phone_index_query(bound_query: BoundQuery) -> IndexQuery | None:
    """Build the query for some digits of a phone; None if they are too few for the index, or the whole number."""
    condition = bound_query.text_condition
    if condition.has_full_phone or not condition.has_indexed_phone:
        return None
    alternatives: list[tuple[Tokens, ...]] = []
    share, is_exact = 0.0, True
    for pattern in condition.phone_patterns:
        token_sets = phone_tokens(pattern.digits)
        share += math.prod(len(token_set) * bound_query.settings.phone_token_share for token_set in token_sets)
        # The tokens do not tell where in the number they are.
        is_exact &= len(token_sets) == 1 and not pattern.text.startswith('+')
        alternatives.append(tuple(tuple(f'.{four}' for four in token_set) for token_set in token_sets))
    return IndexQuery(tuple(alternatives), is_exact, min(share, 1.0))
