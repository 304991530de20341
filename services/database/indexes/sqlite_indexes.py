"""The indexes of SQLite, and the totals and full-text index that triggers maintain row by row.

Each message is counted four times in `total`: by day and by month, for its organisation and for all organisations
(organisation 0).

`message_search` is a full-text index without text, which maps tokens to messages. The tokens of a message are
- each word of the folded name;
- the two initials after a dot (`.ип`);
- each pair of those, joined by a dot in ascending order (`иванов.петр`, `.ип.иванов`);
- each run of four digits of the phone, after a dot (`.0916`).
Folding removes dots from names, so no word of a name can look like the other tokens. The pairs exist because few
messages have both of two common words: reading the short list of the pair is faster than intersecting two long lists.

`word` has each word and each pair of initials once. `word_part` has each suffix of each word, so that all words with a
fragment are one range of the index: the words with a suffix that begins with the fragment. `word_total` counts the
messages of each word by day.

A double name («Салтыков-Щедрин») is indexed as a whole, with its hyphen, and by its halves, so that a fragment of one
half finds the messages by that half, without looking up every double name that contains it. `word_part` has only those
suffixes of a double name that begin before the hyphen, and a fragment must reach past the hyphen (at least `least`
letters), because the halves are words of their own.

The position of the hyphen comes from the name as it was received. If it cannot be determined, the double name is
indexed as a single word.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, text

from services.names import MAX_NAME_LENGTH


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


UPDATE_TOTALS = """
    INSERT INTO total (organization_id, scale, period, kind, status, messages, kopecks)
    VALUES
        ({row}.organization_id, 0, {row}.day, {row}.kind, {row}.status, {sign}1, {sign}{row}.cost),
        ({row}.organization_id, 1, {row}.day / 100 * 100, {row}.kind, {row}.status, {sign}1, {sign}{row}.cost),
        (0, 0, {row}.day, {row}.kind, {row}.status, {sign}1, {sign}{row}.cost),
        (0, 1, {row}.day / 100 * 100, {row}.kind, {row}.status, {sign}1, {sign}{row}.cost)
    ON CONFLICT DO UPDATE SET messages = messages + excluded.messages, kopecks = kopecks + excluded.kopecks;
"""
FILL_DAY_TOTALS = """
    INSERT INTO total (organization_id, scale, period, kind, status, messages, kopecks)
    SELECT organization_id, 0, day, kind, status, count(*), sum(cost)
    FROM message WHERE place BETWEEN {first} AND {last} GROUP BY 1, 2, 3, 4, 5
    ON CONFLICT DO UPDATE SET messages = messages + excluded.messages, kopecks = kopecks + excluded.kopecks
"""
FILL_OVERALL_TOTALS = """
    INSERT INTO total (organization_id, scale, period, kind, status, messages, kopecks)
    SELECT 0, scale, period, kind, status, sum(messages), sum(kopecks) FROM total GROUP BY 1, 2, 3, 4, 5
"""
FILL_MONTH_TOTALS = """
    INSERT INTO total (organization_id, scale, period, kind, status, messages, kopecks)
    SELECT organization_id, 1, period / 100 * 100, kind, status, sum(messages), sum(kopecks)
    FROM total GROUP BY 1, 2, 3, 4, 5
"""

PHONE_TOKEN_STARTS = range(2, 14)
"""The positions, counted from 1, at which four digits can begin in `+` and at most fifteen digits (E.164)."""
PHONE_TOKENS = ' || '.join(
    f"iif(length({{row}}.phone) >= {start + 3}, ' .' || substr({{row}}.phone, {start}, 4), '')"
    for start in PHONE_TOKEN_STARTS
)
NAME_KEY_WITH_HYPHEN = """substr({row}.name_key, 1, instr({row}.recipient_name, '-') - 1) || '-'
    || substr({row}.name_key, instr({row}.recipient_name, '-'))"""
SEARCH_WORDS = f"""
    iif(instr({{row}}.recipient_name, '-') > 1
        AND length(replace({{row}}.recipient_name, '-', '')) = length({{row}}.name_key),
        {NAME_KEY_WITH_HYPHEN} || ' ' || replace({NAME_KEY_WITH_HYPHEN}, '-', ' '), {{row}}.name_key)
"""
"""An expression for the searchable words of a name, separated by spaces."""
SPLIT_WORDS = """json_each('[' || replace(json_quote({name}), ' ', '","') || ']')"""
NAME_TOKENS = SPLIT_WORDS.format(name=f"{SEARCH_WORDS} || ' .' || {{row}}.initials")
TOKEN_PAIRS = f"""coalesce((
    SELECT group_concat(one.value || '.' || other.value, ' ') FROM {NAME_TOKENS} AS one, {NAME_TOKENS} AS other
    WHERE one.value < other.value AND one.value <> ''
), '')"""
INDEXED_TEXT = f"{SEARCH_WORDS} || ' .' || {{row}}.initials || {PHONE_TOKENS} || ' ' || {TOKEN_PAIRS}"
INSERT_INDEX_ENTRY = (
    f'INSERT INTO message_search (rowid, searched) VALUES (NEW.place, {INDEXED_TEXT.format(row="NEW")});'
)
DELETE_INDEX_ENTRY = f"""
    INSERT INTO message_search (message_search, rowid, searched)
    VALUES ('delete', OLD.place, {INDEXED_TEXT.format(row='OLD')});
"""
UPDATE_WORD_TOTALS = f"""
    INSERT INTO word_total (word, day, messages, kopecks)
    SELECT DISTINCT value, {{row}}.day, {{sign}}1, {{sign}}{{row}}.cost
    FROM {SPLIT_WORDS.format(name=SEARCH_WORDS)} WHERE value <> ''
    ON CONFLICT DO UPDATE SET messages = messages + excluded.messages, kopecks = kopecks + excluded.kopecks;
"""
INSERT_WORDS = f"""
    INSERT INTO word (word) SELECT DISTINCT value FROM {NAME_TOKENS.format(row='NEW')}
    WHERE value <> '' AND NOT EXISTS (SELECT 1 FROM word WHERE word.word = value);
"""
LETTER_POSITIONS = ', '.join(map(str, range(1, 2 * MAX_NAME_LENGTH)))
INSERT_WORD_PARTS = f"""
    INSERT INTO word_part (part, word, least)
    SELECT substr(replace(NEW.word, '-', ''), value), NEW.word,
        iif(instr(NEW.word, '-'), instr(NEW.word, '-') - value + 1, 1)
    FROM json_each('[{LETTER_POSITIONS}]')
    WHERE value < iif(instr(NEW.word, '-'), instr(NEW.word, '-'), length(NEW.word) + 1);
"""
MERGE_INDEX = "INSERT INTO message_search (message_search, rank) SELECT 'merge', 16 WHERE NEW.place % 8 = 0;"
"""Merges segments of the full-text index after every eighth message.

Without it about forty segments would accumulate, and every lookup of a token would have to read all of them.
"""
ADD_TO_TOTALS = (UPDATE_TOTALS + UPDATE_WORD_TOTALS).format(row='NEW', sign='+')
SUBTRACT_FROM_TOTALS = (UPDATE_TOTALS + UPDATE_WORD_TOTALS).format(row='OLD', sign='-')
ON_INSERT = f'{ADD_TO_TOTALS} {INSERT_INDEX_ENTRY} {INSERT_WORDS} {MERGE_INDEX}'
ON_DELETE = f'{SUBTRACT_FROM_TOTALS} {DELETE_INDEX_ENTRY}'
INDEXED_COLUMNS = 'place, organization_id, day, kind, status, cost, recipient_name, name_key, initials, phone'

# Every index of SQLite ends in the rowid, which is `place`.
INDEXES = (
    'CREATE UNIQUE INDEX message_id ON message (id)',
    'CREATE INDEX message_of_organization ON message (organization_id, place, status, kind, cost)',
    'CREATE INDEX message_unsent ON message (place, status, kind, organization_id, cost) WHERE status <> 2',
    # Covers searches for a name or a phone within an organisation, which scan its few unsent messages.
    """CREATE INDEX message_unsent_of_organization
        ON message (organization_id, place, status, kind, cost, name_key, initials, phone) WHERE status <> 2""",
    'CREATE INDEX message_phone ON message (phone)',
    'CREATE INDEX message_name ON message (name_key)',
    # `place | 0` instead of `place`, because SQLite would otherwise prefer to look up the whole row by its rowid.
    'CREATE INDEX message_facts ON message (place | 0, status, kind, organization_id, cost)',
)
PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'
"""Characters that may be part of a word, because only spaces separate words."""
TOKENIZER = _quoted(f'ascii tokenchars {_quoted(PUNCTUATION)}')
TABLES = (
    f"""CREATE VIRTUAL TABLE message_search USING fts5 (
        searched, content = '', detail = none, columnsize = 0, tokenize = {TOKENIZER}
    )""",
    'CREATE TABLE word (word TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID',
    """CREATE TABLE word_part (part TEXT NOT NULL, word TEXT NOT NULL, least INTEGER NOT NULL, PRIMARY KEY (part, word))
        WITHOUT ROWID""",
    """CREATE TABLE word_total (
        word TEXT NOT NULL, day INTEGER NOT NULL, messages INTEGER NOT NULL, kopecks INTEGER NOT NULL,
        PRIMARY KEY (word, day)
    ) WITHOUT ROWID""",
    # The words of an anonymised patient must not remain as rows without messages.
    """CREATE TRIGGER word_total_emptied AFTER UPDATE ON word_total WHEN NEW.messages = 0
        BEGIN DELETE FROM word_total WHERE word = NEW.word AND day = NEW.day; END""",
    f"CREATE TRIGGER word_added AFTER INSERT ON word WHEN substr(NEW.word, 1, 1) <> '.' BEGIN {INSERT_WORD_PARTS} END",
)
FILL_WORDS = """
    INSERT INTO word (word) SELECT DISTINCT word FROM word_total UNION ALL SELECT DISTINCT '.' || initials FROM message
"""
SELECT_WORD_TOTALS = f"""
    SELECT value AS word, day, count(*) AS messages, sum(cost) AS kopecks FROM (
        SELECT DISTINCT place, value, day, cost
        FROM message, {SPLIT_WORDS.format(name=SEARCH_WORDS.format(row='message'))}
        WHERE value <> '' {{among}}
    )
    GROUP BY word, day
"""
FILL_WORD_TOTALS = f"""
    INSERT INTO word_total (word, day, messages, kopecks)
    {SELECT_WORD_TOTALS.format(among='AND place BETWEEN {first} AND {last}')}
    ON CONFLICT DO UPDATE SET messages = messages + excluded.messages, kopecks = kopecks + excluded.kopecks
"""
FILL_SEARCH = f"""
    INSERT INTO message_search (rowid, searched)
    SELECT place, {INDEXED_TEXT.format(row='message')} FROM message
    WHERE place BETWEEN {{first}} AND {{last}} ORDER BY place
"""
SET_FTS_OPTION = "INSERT INTO message_search (message_search, rank) VALUES ('{name}', {value})"
BULK_FTS_OPTIONS = {'hashsize': 128 << 20, 'automerge': 0, 'crisismerge': 4}
"""The options of FTS5 during a bulk build: a large hash table in memory (bytes), and merges of four segments at once.

Merging only once at the end would be faster, but would leave the whole index on the level next to that of single
messages. After a few hundred messages the whole index would then be merged again, and one insert would wait a minute.
"""
STEADY_FTS_OPTIONS = {'hashsize': 1 << 20, 'automerge': 4, 'crisismerge': 64}
"""The options for single messages: each insert merges a little, so that no insert has to wait for a complete merge."""
BULK_CACHE_KIB, READER_CACHE_KIB, WRITER_CACHE_KIB = 256 << 10, 32 << 10, 128 << 10
"""The cache of a connection in KiB: during a bulk build, of a reader, and of the writer.

A batch of a thousand messages in random order of time changes 90 MB of pages. They must fit into the cache of the
writer, because SQLite would otherwise write some of them several times.
"""
CHUNK_COUNT = 40
"""The number of chunks in which totals and search entries are built, to report progress and limit memory."""

TRIGGERS = (
    f'CREATE TRIGGER message_added AFTER INSERT ON message BEGIN {ON_INSERT} END',
    f'CREATE TRIGGER message_removed AFTER DELETE ON message BEGIN {ON_DELETE} END',
    f'CREATE TRIGGER message_changed AFTER UPDATE OF {INDEXED_COLUMNS} ON message BEGIN {ON_DELETE} {ON_INSERT} END',
)


class SqliteIndexes:
    """The definition of all indexes and totals on SQLite; see services.database.indexes.index_builder."""

    WORD_TOTALS_QUERY = SELECT_WORD_TOTALS.format(among='')

    DEFINITION = (
        INDEXES, TABLES, TRIGGERS, FILL_DAY_TOTALS, FILL_OVERALL_TOTALS, FILL_MONTH_TOTALS,
        FILL_WORDS, FILL_WORD_TOTALS, FILL_SEARCH,
    )  # fmt: skip

    DROP_STATEMENTS = (
        *(f'DROP TRIGGER IF EXISTS message_{name}' for name in ('added', 'removed', 'changed')),
        *(
            f'DROP INDEX IF EXISTS message_{name}'
            for name in ('id', 'of_organization', 'unsent', 'unsent_of_organization', 'phone', 'name', 'facts')
        ),
        'DROP TABLE IF EXISTS message_search',
        'DROP TABLE IF EXISTS word_total',
        'DROP TABLE IF EXISTS word_part',
        'DROP TABLE IF EXISTS word',
        'DELETE FROM total',
    )

    @staticmethod
    def build_steps(connection: Connection) -> Sequence[Sequence[str]]:
        """Return the statements that build all indexes and totals, grouped into steps of about equal duration."""
        bounds = connection.execute(text('SELECT min(place), max(place) FROM message')).one()
        first, last = (bound or 0 for bound in bounds)
        span = -(-(last - first + 1) // CHUNK_COUNT)
        chunks = [(start, start + span - 1) for start in range(first, last + 1, span)]
        return (
            [f'PRAGMA cache_size = {-BULK_CACHE_KIB}'],
            *([index] for index in INDEXES),
            [*TABLES, *_fts_option_statements(BULK_FTS_OPTIONS)],
            *(
                [each.format(first=start, last=end) for each in (FILL_DAY_TOTALS, FILL_SEARCH, FILL_WORD_TOTALS)]
                for start, end in chunks
            ),
            [FILL_OVERALL_TOTALS, FILL_MONTH_TOTALS],
            [FILL_WORDS],
            [
                "INSERT INTO message_search (message_search) VALUES ('optimize')",
                *_fts_option_statements(STEADY_FTS_OPTIONS),
                *TRIGGERS,
            ],
            [f'PRAGMA cache_size = {-WRITER_CACHE_KIB}'],
        )


def _fts_option_statements(values: dict[str, int]) -> list[str]:
    return [SET_FTS_OPTION.format(name=name, value=value) for name, value in values.items()]
