"""What SQLite derives from messages: indexes, totals kept by triggers row by row, trigrams in a full-text index.

Each message counts four times in `total`: its day and its month, for its organisation and for all of them
(organisation 0).

`message_search` holds no text, only which message has which three characters in a row: of the folded name, of both
initials after a dot (`.ип`), and of the phone, where one character stands for two digits and the next for the second
of them and a third: three such characters are four digits in a row. Folding removes dots from names, so no name looks
like initials. `word` has each word of all names once, for fragments that are shorter than three letters.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, text

COUNT = """
    INSERT INTO total (organization_id, scale, period, kind, status, messages, kopecks)
    VALUES
        ({row}.organization_id, 0, {row}.day, {row}.kind, {row}.status, {sign}1, {sign}{row}.cost),
        ({row}.organization_id, 1, {row}.day / 100 * 100, {row}.kind, {row}.status, {sign}1, {sign}{row}.cost),
        (0, 0, {row}.day, {row}.kind, {row}.status, {sign}1, {sign}{row}.cost),
        (0, 1, {row}.day / 100 * 100, {row}.kind, {row}.status, {sign}1, {sign}{row}.cost)
    ON CONFLICT DO UPDATE SET messages = messages + excluded.messages, kopecks = kopecks + excluded.kopecks;
"""
COUNT_DAYS = """
    INSERT INTO total (organization_id, scale, period, kind, status, messages, kopecks)
    SELECT organization_id, 0, day, kind, status, count(*), sum(cost) FROM message GROUP BY 1, 2, 3, 4, 5
"""
COUNT_ALL_ORGANIZATIONS = """
    INSERT INTO total (organization_id, scale, period, kind, status, messages, kopecks)
    SELECT 0, scale, period, kind, status, sum(messages), sum(kopecks) FROM total GROUP BY 1, 2, 3, 4, 5
"""
COUNT_MONTHS = """
    INSERT INTO total (organization_id, scale, period, kind, status, messages, kopecks)
    SELECT organization_id, 1, period / 100 * 100, kind, status, sum(messages), sum(kopecks)
    FROM total GROUP BY 1, 2, 3, 4, 5
"""

PAIR = 0xE000
"""The character for the digits 00, for private use by Unicode; a hundred of them in all."""
PAIR_STARTS = range(2, 16)
"""Where two digits can begin in `+` and at most fifteen digits (E.164), counted from 1."""
PAIRS = ' || '.join(
    f"iif(length({{row}}.phone) > {start}, char({PAIR} + substr({{row}}.phone, {start}, 2)), '')"
    for start in PAIR_STARTS
)
SEARCHED = f"""
    ' ' || {{row}}.name_key || ' .' || {{row}}.initials || ' ' || {PAIRS}
"""
INDEX_TEXT = f'INSERT INTO message_search (rowid, searched) VALUES (NEW.place, {SEARCHED.format(row="NEW")});'
FORGET_TEXT = f"""
    INSERT INTO message_search (message_search, rowid, searched)
    VALUES ('delete', OLD.place, {SEARCHED.format(row='OLD')});
"""
WORDS = """json_each('[' || replace(json_quote({name}), ' ', '","') || ']')"""
KNOW_WORDS = f"""
    INSERT INTO word (word) SELECT DISTINCT value FROM {WORDS.format(name='NEW.name_key')}
    WHERE value <> '' AND NOT EXISTS (SELECT 1 FROM word WHERE word.word = value);
"""
ADD = f'{COUNT.format(row="NEW", sign="+")} {INDEX_TEXT} {KNOW_WORDS}'
REMOVE = f'{COUNT.format(row="OLD", sign="-")} {FORGET_TEXT}'
FOLLOWED = 'place, organization_id, day, kind, status, cost, name_key, initials, phone'

INDEXES = (
    'CREATE UNIQUE INDEX message_id ON message (id)',
    'CREATE INDEX message_of_organization ON message (organization_id, place, status, kind, cost)',
    'CREATE INDEX message_unsent ON message (place, status, kind, organization_id, cost) WHERE status <> 2',
    'CREATE INDEX message_phone ON message (phone, place)',
)
TABLES = (
    """CREATE VIRTUAL TABLE message_search USING fts5 (
        searched, content = '', detail = none, columnsize = 0, tokenize = 'trigram case_sensitive 1'
    )""",
    'CREATE TABLE word (word TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID',
)
FILL_WORDS = f"""
    INSERT INTO word (word) SELECT DISTINCT value
    FROM (SELECT DISTINCT name_key FROM message), {WORDS.format(name='name_key')} WHERE value <> ''
"""
FILL_SEARCH = f"""
    INSERT INTO message_search (rowid, searched)
    SELECT place, {SEARCHED.format(row='message')} FROM message
    WHERE place BETWEEN {{first}} AND {{last}} ORDER BY place
"""
SEARCH_OPTION = "INSERT INTO message_search (message_search, rank) VALUES ('{name}', {value})"
BUILDING = {'hashsize': 128 << 20, 'automerge': 0, 'crisismerge': 4}
"""How the full-text index is built: much is gathered in memory (bytes), and merged by fours.

Merged once, at the end, would be quicker, but would leave the whole index one level above single messages: with a few
hundred of them it would be merged anew while one of them waits, for a minute.
"""
KEEPING = {'hashsize': 1 << 20, 'automerge': 4, 'crisismerge': 64}
"""For single messages: merging goes on a little with each, and has time for it before any must wait for its end."""
BUILDING_CACHE, CACHE = 256 << 10, 32 << 10
"""Kilobytes of a connection's cache while all is built, and ever after."""
CHUNKS = 40
"""Pieces in which the full-text index is built, so that progress can be told."""

TRIGGERS = (
    f'CREATE TRIGGER message_added AFTER INSERT ON message BEGIN {ADD} END',
    f'CREATE TRIGGER message_removed AFTER DELETE ON message BEGIN {REMOVE} END',
    f'CREATE TRIGGER message_changed AFTER UPDATE OF {FOLLOWED} ON message BEGIN {REMOVE} {ADD} END',
)


class Derived:
    """See services.derived."""

    MADE = (INDEXES, TABLES, TRIGGERS, COUNT_DAYS, COUNT_ALL_ORGANIZATIONS, COUNT_MONTHS, FILL_WORDS, FILL_SEARCH)

    REMOVED = (
        *(f'DROP TRIGGER IF EXISTS message_{name}' for name in ('added', 'removed', 'changed')),
        *(f'DROP INDEX IF EXISTS message_{name}' for name in ('id', 'of_organization', 'unsent', 'phone')),
        'DROP TABLE IF EXISTS message_search',
        'DROP TABLE IF EXISTS word',
        'DELETE FROM total',
    )

    @staticmethod
    def steps(connection: Connection) -> Sequence[Sequence[str]]:
        """Give the statements that build what is derived, in steps of about the same length."""
        bounds = connection.execute(text('SELECT min(place), max(place) FROM message')).one()
        first, last = (bound or 0 for bound in bounds)
        span = -(-(last - first + 1) // CHUNKS)
        chunks = [(start, start + span - 1) for start in range(first, last + 1, span)]
        return (
            [f'PRAGMA cache_size = {-BUILDING_CACHE}'],
            *([index] for index in INDEXES),
            [COUNT_DAYS],
            [COUNT_ALL_ORGANIZATIONS, COUNT_MONTHS],
            [*TABLES, FILL_WORDS, *_options(BUILDING)],
            *([FILL_SEARCH.format(first=start, last=end)] for start, end in chunks),
            ["INSERT INTO message_search (message_search) VALUES ('optimize')", *_options(KEEPING), *TRIGGERS],
            [f'PRAGMA cache_size = {-CACHE}'],
        )


def _options(values: dict[str, int]) -> list[str]:
    return [SEARCH_OPTION.format(name=name, value=value) for name, value in values.items()]
