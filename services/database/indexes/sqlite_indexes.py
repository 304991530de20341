"""What SQLite derives from messages: indexes, totals kept by triggers row by row, words in a full-text index.

Each message counts four times in `total`: its day and its month, for its organisation and for all of them
(organisation 0).

`message_search` holds no text, only which message has which token: each word of the folded name, both initials after a
dot (`.ип`), each two of those with a dot between, the smaller first (`иванов.петр`, `.ип.иванов`), and each four digits
in a row of the phone after a dot (`.0916`); folding removes dots from names, so that no word looks like those. Of two
common words few messages have both: their pair stands on a short list of its own, and no two long ones are walked along
each other. A double name («Салтыков-Щедрин») is there as a whole with its hyphen, and by its halves besides: what is
typed of a half is then found by that half alone, without every double name that has it. `word` has each word and each
two initials once, and `word_part` what is left of a word from each of its letters on: all words with a fragment stand
there in a row, for what is left of them begins with it. Of a double name there are only the letters up to the hyphen,
and a fragment must reach past it (`least` letters), for the halves are words of their own. `word_total` counts the
messages that have a word, day by day.

Where the hyphen stood is told by the name as it was given. Where that cannot be told, a double name stays one word, and
is found like any other.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, text

from services.names import MOST_LETTERS


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


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
    SELECT organization_id, 0, day, kind, status, count(*), sum(cost)
    FROM message WHERE place BETWEEN {first} AND {last} GROUP BY 1, 2, 3, 4, 5
    ON CONFLICT DO UPDATE SET messages = messages + excluded.messages, kopecks = kopecks + excluded.kopecks
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

FOUR_STARTS = range(2, 14)
"""Where four digits can begin in `+` and at most fifteen digits (E.164), counted from 1."""
FOURS = ' || '.join(
    f"iif(length({{row}}.phone) >= {start + 3}, ' .' || substr({{row}}.phone, {start}, 4), '')" for start in FOUR_STARTS
)
CUT = """substr({row}.name_key, 1, instr({row}.recipient_name, '-') - 1) || '-'
    || substr({row}.name_key, instr({row}.recipient_name, '-'))"""
NAME = f"""
    iif(instr({{row}}.recipient_name, '-') > 1
        AND length(replace({{row}}.recipient_name, '-', '')) = length({{row}}.name_key),
        {CUT} || ' ' || replace({CUT}, '-', ' '), {{row}}.name_key)
"""
"""The words by which a name is found, parted by blanks."""
WORDS = """json_each('[' || replace(json_quote({name}), ' ', '","') || ']')"""
NAMED = WORDS.format(name=f"{NAME} || ' .' || {{row}}.initials")
PAIRS = f"""coalesce((
    SELECT group_concat(one.value || '.' || other.value, ' ') FROM {NAMED} AS one, {NAMED} AS other
    WHERE one.value < other.value AND one.value <> ''
), '')"""
SEARCHED = f"{NAME} || ' .' || {{row}}.initials || {FOURS} || ' ' || {PAIRS}"
INDEX_TEXT = f'INSERT INTO message_search (rowid, searched) VALUES (NEW.place, {SEARCHED.format(row="NEW")});'
FORGET_TEXT = f"""
    INSERT INTO message_search (message_search, rowid, searched)
    VALUES ('delete', OLD.place, {SEARCHED.format(row='OLD')});
"""
COUNT_WORDS = f"""
    INSERT INTO word_total (word, day, messages, kopecks)
    SELECT DISTINCT value, {{row}}.day, {{sign}}1, {{sign}}{{row}}.cost
    FROM {WORDS.format(name=NAME)} WHERE value <> ''
    ON CONFLICT DO UPDATE SET messages = messages + excluded.messages, kopecks = kopecks + excluded.kopecks;
"""
KNOW_WORDS = f"""
    INSERT INTO word (word) SELECT DISTINCT value FROM {NAMED.format(row='NEW')}
    WHERE value <> '' AND NOT EXISTS (SELECT 1 FROM word WHERE word.word = value);
"""
LETTERS = ', '.join(map(str, range(1, 2 * MOST_LETTERS)))
KNOW_PARTS = f"""
    INSERT INTO word_part (part, word, least)
    SELECT substr(replace(NEW.word, '-', ''), value), NEW.word,
        iif(instr(NEW.word, '-'), instr(NEW.word, '-') - value + 1, 1)
    FROM json_each('[{LETTERS}]')
    WHERE value < iif(instr(NEW.word, '-'), instr(NEW.word, '-'), length(NEW.word) + 1);
"""
MERGE = "INSERT INTO message_search (message_search, rank) SELECT 'merge', 16 WHERE NEW.place % 8 = 0;"
"""With each eighth message some pieces of the index are merged: of as many as would gather by themselves, each token is
looked up in some forty."""
ADD = f'{(COUNT + COUNT_WORDS).format(row="NEW", sign="+")} {INDEX_TEXT} {KNOW_WORDS} {MERGE}'
REMOVE = f'{(COUNT + COUNT_WORDS).format(row="OLD", sign="-")} {FORGET_TEXT}'
FOLLOWED = 'place, organization_id, day, kind, status, cost, recipient_name, name_key, initials, phone'

# SQLite's indexes end in the place by themselves.
INDEXES = (
    'CREATE UNIQUE INDEX message_id ON message (id)',
    'CREATE INDEX message_of_organization ON message (organization_id, place, status, kind, cost)',
    'CREATE INDEX message_unsent ON message (place, status, kind, organization_id, cost) WHERE status <> 2',
    # With all that a search for a name or a phone reads: few are unsent, and those of an organisation are searched.
    """CREATE INDEX message_unsent_of_organization
        ON message (organization_id, place, status, kind, cost, name_key, initials, phone) WHERE status <> 2""",
    'CREATE INDEX message_phone ON message (phone)',
    'CREATE INDEX message_name ON message (name_key)',
    # Not the place itself, by which SQLite would sooner look up the whole message.
    'CREATE INDEX message_facts ON message (place | 0, status, kind, organization_id, cost)',
)
PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'
"""A word may have any of it: blanks alone part words."""
TOKENS = _quoted(f'ascii tokenchars {_quoted(PUNCTUATION)}')
TABLES = (
    f"""CREATE VIRTUAL TABLE message_search USING fts5 (
        searched, content = '', detail = none, columnsize = 0, tokenize = {TOKENS}
    )""",
    'CREATE TABLE word (word TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID',
    """CREATE TABLE word_part (part TEXT NOT NULL, word TEXT NOT NULL, least INTEGER NOT NULL, PRIMARY KEY (part, word))
        WITHOUT ROWID""",
    """CREATE TABLE word_total (
        word TEXT NOT NULL, day INTEGER NOT NULL, messages INTEGER NOT NULL, kopecks INTEGER NOT NULL,
        PRIMARY KEY (word, day)
    ) WITHOUT ROWID""",
    # Whoever is forgotten leaves no word at a day.
    """CREATE TRIGGER word_total_emptied AFTER UPDATE ON word_total WHEN NEW.messages = 0
        BEGIN DELETE FROM word_total WHERE word = NEW.word AND day = NEW.day; END""",
    f"CREATE TRIGGER word_added AFTER INSERT ON word WHEN substr(NEW.word, 1, 1) <> '.' BEGIN {KNOW_PARTS} END",
)
FILL_WORDS = """
    INSERT INTO word (word) SELECT DISTINCT word FROM word_total UNION ALL SELECT DISTINCT '.' || initials FROM message
"""
COUNTED_WORDS = f"""
    SELECT value AS word, day, count(*) AS messages, sum(cost) AS kopecks FROM (
        SELECT DISTINCT place, value, day, cost
        FROM message, {WORDS.format(name=NAME.format(row='message'))}
        WHERE value <> '' {{among}}
    )
    GROUP BY word, day
"""
FILL_WORD_TOTALS = f"""
    INSERT INTO word_total (word, day, messages, kopecks)
    {COUNTED_WORDS.format(among='AND place BETWEEN {first} AND {last}')}
    ON CONFLICT DO UPDATE SET messages = messages + excluded.messages, kopecks = kopecks + excluded.kopecks
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
"""Pieces in which what is not an index is built: progress can be told, and a piece is sorted in little memory."""

TRIGGERS = (
    f'CREATE TRIGGER message_added AFTER INSERT ON message BEGIN {ADD} END',
    f'CREATE TRIGGER message_removed AFTER DELETE ON message BEGIN {REMOVE} END',
    f'CREATE TRIGGER message_changed AFTER UPDATE OF {FOLLOWED} ON message BEGIN {REMOVE} {ADD} END',
)


class Derived:
    """See services.database.indexes.index_builder."""

    WORDS_COUNTED_ANEW = COUNTED_WORDS.format(among='')

    MADE = (
        INDEXES, TABLES, TRIGGERS, COUNT_DAYS, COUNT_ALL_ORGANIZATIONS, COUNT_MONTHS,
        FILL_WORDS, FILL_WORD_TOTALS, FILL_SEARCH,
    )  # fmt: skip

    REMOVED = (
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
    def steps(connection: Connection) -> Sequence[Sequence[str]]:
        """Give the statements that build what is derived, in steps of about the same length."""
        bounds = connection.execute(text('SELECT min(place), max(place) FROM message')).one()
        first, last = (bound or 0 for bound in bounds)
        span = -(-(last - first + 1) // CHUNKS)
        chunks = [(start, start + span - 1) for start in range(first, last + 1, span)]
        return (
            [f'PRAGMA cache_size = {-BUILDING_CACHE}'],
            *([index] for index in INDEXES),
            [*TABLES, *_options(BUILDING)],
            *(
                [each.format(first=start, last=end) for each in (COUNT_DAYS, FILL_SEARCH, FILL_WORD_TOTALS)]
                for start, end in chunks
            ),
            [COUNT_ALL_ORGANIZATIONS, COUNT_MONTHS],
            [FILL_WORDS],
            ["INSERT INTO message_search (message_search) VALUES ('optimize')", *_options(KEEPING), *TRIGGERS],
            [f'PRAGMA cache_size = {-CACHE}'],
        )


def _options(values: dict[str, int]) -> list[str]:
    return [SEARCH_OPTION.format(name=name, value=value) for name, value in values.items()]
