"""What PostgreSQL derives from messages: indexes, totals kept by triggers once a statement, words.

Each message counts four times in `total`: its day and its month, for its organisation and for all of them
(organisation 0).

`message_search` has a message's tokens, which are those of services.database.indexes.sqlite_indexes, beside the ten days that it falls
in: a search in a month then reads what the index has of that month. `word`, `word_part` and `word_total` are as there.
"""

from collections.abc import Sequence

from sqlalchemy import Connection

from services.database.indexes.sqlite_indexes import FOUR_STARTS

FUNCTION = """
CREATE FUNCTION message_{name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {changes}
    RETURN NULL;
END $$
"""
TRIGGER = """
    CREATE TRIGGER message_{name} AFTER {event} ON message REFERENCING {tables}
    FOR EACH STATEMENT EXECUTE FUNCTION message_{name}()
"""

# Sorted by key: two writers then meet at the same rows in the same order, and wait instead of dying in a deadlock.
COUNT = """
    INSERT INTO total AS kept (organization_id, scale, period, kind, status, messages, kopecks)
    SELECT whose, scale, CASE scale WHEN 0 THEN day ELSE day / 100 * 100 END AS period, kind, status,
        sum(messages), sum(kopecks)
    FROM ({rows}) AS changed
    CROSS JOIN (VALUES (0::smallint), (1::smallint)) AS scales (scale)
    CROSS JOIN LATERAL (VALUES (organization_id), (0)) AS owners (whose)
    GROUP BY whose, scale, period, kind, status
    HAVING sum(messages) <> 0 OR sum(kopecks) <> 0
    ORDER BY whose, scale, period, kind, status
    ON CONFLICT (organization_id, scale, period, kind, status)
    DO UPDATE SET messages = kept.messages + excluded.messages, kopecks = kept.kopecks + excluded.kopecks;
"""
PRESENT = """
    SELECT organization_id, day, kind, status, count(*) AS messages, sum(cost) AS kopecks FROM message
    GROUP BY organization_id, day, kind, status
"""
CUT = "substr(name_key, 1, strpos(recipient_name, '-') - 1) || '-' || substr(name_key, strpos(recipient_name, '-'))"
NAME = f"""
    CASE WHEN strpos(recipient_name, '-') > 1 AND length(replace(recipient_name, '-', '')) = length(name_key)
    THEN {CUT} || ' ' || replace({CUT}, '-', ' ') ELSE name_key END
"""
"""The words by which a name is found, parted by blanks."""
ADDED = f'SELECT organization_id, day, kind, status, 1 AS messages, cost AS kopecks, {NAME} AS name FROM added'
REMOVED = f'SELECT organization_id, day, kind, status, -1 AS messages, -cost AS kopecks, {NAME} AS name FROM removed'
COUNTED_WORDS = """
    SELECT word, day, sum(messages) AS messages, sum(kopecks) AS kopecks FROM ({rows}) AS changed
    CROSS JOIN LATERAL (
        SELECT DISTINCT word FROM unnest(string_to_array(name, ' ')) AS words (word) WHERE word <> ''
    ) AS known
    GROUP BY word, day
    HAVING sum(messages) <> 0 OR sum(kopecks) <> 0
    ORDER BY word, day
"""
COUNT_WORDS = f"""
    INSERT INTO word_total AS kept (word, day, messages, kopecks)
    {COUNTED_WORDS}
    ON CONFLICT (word, day)
    DO UPDATE SET messages = kept.messages + excluded.messages, kopecks = kept.kopecks + excluded.kopecks;
"""
PRESENT_NAMES = f'SELECT day, 1 AS messages, cost AS kopecks, {NAME} AS name FROM message'
KNOW_WORDS = """
    WITH names AS ({names}), known AS (
        INSERT INTO word (word)
        SELECT DISTINCT word FROM names, unnest(string_to_array(name, ' ')) AS words (word)
        WHERE word <> '' ORDER BY word
        ON CONFLICT DO NOTHING RETURNING word
    )
    INSERT INTO word_part (part, word, least)
    SELECT substr(replace(word, '-', ''), letter), word,
        CASE WHEN strpos(word, '-') > 0 THEN strpos(word, '-') - letter + 1 ELSE 1 END
    FROM known, generate_series(
        1, CASE WHEN strpos(word, '-') > 0 THEN strpos(word, '-') - 1 ELSE length(word) END
    ) AS letters (letter)
    WHERE left(word, 1) <> '.';
"""

ADDED_NAMES = f"SELECT DISTINCT {NAME} || ' .' || initials AS name FROM added"
PRESENT_WORDS = "SELECT word AS name FROM word_total UNION SELECT '.' || initials FROM message"
TEN_DAYS = 'day / 10'
FOURS = ', '.join(
    f"CASE WHEN length(phone) >= {start + 3} THEN '.' || substr(phone, {start}, 4) END" for start in FOUR_STARTS
)
TOKENS = 'message_tokens(recipient_name, name_key, initials, phone)'
"""All by which a message is found."""
# In plpgsql: a function in SQL is put in wherever it is called, and what is so long takes longer to plan than to do.
# Said to be dear, so that the index is asked, and it is not worked out for every message of an organisation.
MAKE_TOKENS = f"""
CREATE FUNCTION message_tokens(recipient_name text, name_key text, initials text, phone text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 10000 AS $$
DECLARE
    found text[] := string_to_array({NAME} || ' .' || initials, ' ');
    pairs text[] := '{{}}';
    one text;
    other text;
BEGIN
    FOREACH one IN ARRAY found LOOP
        FOREACH other IN ARRAY found LOOP
            IF one < other COLLATE "C" AND one <> '' THEN pairs := pairs || (one || '.' || other); END IF;
        END LOOP;
    END LOOP;
    RETURN found || ARRAY[{FOURS}] || pairs;
END $$
"""

INDEXES = (
    'CREATE UNIQUE INDEX message_id ON message (id)',
    'CREATE INDEX message_of_organization ON message (organization_id, place, status, kind, cost)',
    'CREATE INDEX message_unsent ON message (place, status, kind, organization_id, cost) WHERE status <> 2',
    'CREATE INDEX message_phone ON message (phone, place)',
    'CREATE INDEX message_name ON message (name_key)',
    f"""CREATE INDEX message_search ON message
        USING gin (({TEN_DAYS}), {TOKENS})""",
)
WORDS = (
    'CREATE TABLE word (word TEXT COLLATE "C" NOT NULL PRIMARY KEY)',
    """CREATE TABLE word_total (
        word TEXT COLLATE "C" NOT NULL, day INTEGER NOT NULL, messages BIGINT NOT NULL, kopecks BIGINT NOT NULL,
        PRIMARY KEY (word, day)
    )""",
    # Whoever is forgotten leaves no word at a day.
    """CREATE FUNCTION word_total_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        DELETE FROM word_total WHERE word = NEW.word AND day = NEW.day AND messages = 0;
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER word_total_emptied AFTER UPDATE ON word_total
        FOR EACH ROW WHEN (NEW.messages = 0) EXECUTE FUNCTION word_total_emptied()""",
    """CREATE TABLE word_part (
        part TEXT COLLATE "C" NOT NULL, word TEXT COLLATE "C" NOT NULL, least INTEGER NOT NULL, PRIMARY KEY (part, word)
    )""",
)
CHANGES = (
    ('added', 'INSERT', 'NEW TABLE AS added', ADDED),
    ('removed', 'DELETE', 'OLD TABLE AS removed', REMOVED),
    ('changed', 'UPDATE', 'OLD TABLE AS removed NEW TABLE AS added', f'{ADDED} UNION ALL {REMOVED}'),
)
KEEPERS = tuple(
    (
        FUNCTION.format(
            name=name,
            changes=(COUNT + COUNT_WORDS).format(rows=rows)
            + (KNOW_WORDS.format(names=ADDED_NAMES) if 'added' in tables else ''),
        ),
        TRIGGER.format(name=name, event=event, tables=tables),
    )
    for name, event, tables, rows in CHANGES
)


class Derived:
    """See services.database.indexes.index_builder."""

    WORDS_COUNTED_ANEW = COUNTED_WORDS.format(rows=PRESENT_NAMES)

    MADE = (MAKE_TOKENS, INDEXES, WORDS, KEEPERS)

    REMOVED = (
        *(f'DROP TRIGGER IF EXISTS message_{name} ON message' for name, *_ in CHANGES),
        *(f'DROP FUNCTION IF EXISTS message_{name}' for name, *_ in CHANGES),
        *(
            f'DROP INDEX IF EXISTS message_{name}'
            for name in ('id', 'of_organization', 'unsent', 'phone', 'name', 'search')
        ),
        'DROP FUNCTION IF EXISTS message_tokens',
        'DROP TABLE IF EXISTS word_total',
        'DROP FUNCTION IF EXISTS word_total_emptied',
        'DROP TABLE IF EXISTS word_part',
        'DROP TABLE IF EXISTS word',
        'TRUNCATE total',
    )

    @staticmethod
    def steps(connection: Connection) -> Sequence[Sequence[str]]:
        """Give the statements that build what is derived, in steps."""
        return (
            # Memory to sort in, for this transaction alone.
            ["SET LOCAL maintenance_work_mem = '512MB'", "SET LOCAL work_mem = '256MB'"],
            [MAKE_TOKENS],
            *([index] for index in INDEXES),
            [COUNT.format(rows=PRESENT)],
            [*WORDS, COUNT_WORDS.format(rows=PRESENT_NAMES)],
            [KNOW_WORDS.format(names=PRESENT_WORDS)],
            [statement for keeper in KEEPERS for statement in keeper],
        )
