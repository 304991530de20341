"""The indexes of PostgreSQL, and the totals and words that triggers maintain once for each statement.

Each message is counted four times in `total`: by day and by month, for its organisation and for all organisations
(organisation 0).

`message_search` is a GIN index over the tokens of a message, which are those of
services.database.indexes.sqlite_indexes, together with its block of ten days, so that a search within a month reads
only the entries of that month. `word`, `word_part` and `word_total` are the same as on SQLite.
"""

from collections.abc import Sequence

from sqlalchemy import Connection

from services.database.indexes.sqlite_indexes import PHONE_TOKEN_STARTS

TRIGGER_FUNCTION = """
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

# Sorted by key, so that concurrent writers lock the rows in the same order and cannot deadlock.
UPDATE_TOTALS = """
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
EXISTING_COUNTS = """
    SELECT organization_id, day, kind, status, count(*) AS messages, sum(cost) AS kopecks FROM message
    GROUP BY organization_id, day, kind, status
"""
NAME_KEY_WITH_HYPHEN = (
    "substr(name_key, 1, strpos(recipient_name, '-') - 1) || '-' || substr(name_key, strpos(recipient_name, '-'))"
)
SEARCH_WORDS = f"""
    CASE WHEN strpos(recipient_name, '-') > 1 AND length(replace(recipient_name, '-', '')) = length(name_key)
    THEN {NAME_KEY_WITH_HYPHEN} || ' ' || replace({NAME_KEY_WITH_HYPHEN}, '-', ' ') ELSE name_key END
"""
"""An expression for the searchable words of a name, separated by spaces."""
ADDED_ROWS = (
    f'SELECT organization_id, day, kind, status, 1 AS messages, cost AS kopecks, {SEARCH_WORDS} AS name FROM added'
)
REMOVED_ROWS = (
    f'SELECT organization_id, day, kind, status, -1 AS messages, -cost AS kopecks, {SEARCH_WORDS} AS name FROM removed'
)
SELECT_WORD_TOTALS = """
    SELECT word, day, sum(messages) AS messages, sum(kopecks) AS kopecks FROM ({rows}) AS changed
    CROSS JOIN LATERAL (
        SELECT DISTINCT word FROM unnest(string_to_array(name, ' ')) AS words (word) WHERE word <> ''
    ) AS known
    GROUP BY word, day
    HAVING sum(messages) <> 0 OR sum(kopecks) <> 0
    ORDER BY word, day
"""
UPDATE_WORD_TOTALS = f"""
    INSERT INTO word_total AS kept (word, day, messages, kopecks)
    {SELECT_WORD_TOTALS}
    ON CONFLICT (word, day)
    DO UPDATE SET messages = kept.messages + excluded.messages, kopecks = kept.kopecks + excluded.kopecks;
"""
EXISTING_NAMES = f'SELECT day, 1 AS messages, cost AS kopecks, {SEARCH_WORDS} AS name FROM message'
INSERT_WORDS = """
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

ADDED_NAMES = f"SELECT DISTINCT {SEARCH_WORDS} || ' .' || initials AS name FROM added"
EXISTING_WORDS = "SELECT word AS name FROM word_total UNION SELECT '.' || initials FROM message"
TEN_DAY_BLOCK = 'day / 10'
PHONE_TOKENS = ', '.join(
    f"CASE WHEN length(phone) >= {start + 3} THEN '.' || substr(phone, {start}, 4) END" for start in PHONE_TOKEN_STARTS
)
MESSAGE_TOKENS = 'message_tokens(recipient_name, name_key, initials, phone)'
"""An expression for all tokens of a message."""
# In plpgsql, because a function in SQL would be inlined, and planning such a long expression takes longer than running
# it. The high cost makes the planner use the index instead of computing the tokens of every message of an organisation.
CREATE_TOKENS_FUNCTION = f"""
CREATE FUNCTION message_tokens(recipient_name text, name_key text, initials text, phone text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 10000 AS $$
DECLARE
    found text[] := string_to_array({SEARCH_WORDS} || ' .' || initials, ' ');
    pairs text[] := '{{}}';
    one text;
    other text;
BEGIN
    FOREACH one IN ARRAY found LOOP
        FOREACH other IN ARRAY found LOOP
            IF one < other COLLATE "C" AND one <> '' THEN pairs := pairs || (one || '.' || other); END IF;
        END LOOP;
    END LOOP;
    RETURN found || ARRAY[{PHONE_TOKENS}] || pairs;
END $$
"""

INDEXES = (
    'CREATE UNIQUE INDEX message_id ON message (id)',
    'CREATE INDEX message_of_organization ON message (organization_id, place, status, kind, cost)',
    'CREATE INDEX message_unsent ON message (place, status, kind, organization_id, cost) WHERE status <> 2',
    'CREATE INDEX message_phone ON message (phone, place)',
    'CREATE INDEX message_name ON message (name_key)',
    f"""CREATE INDEX message_search ON message
        USING gin (({TEN_DAY_BLOCK}), {MESSAGE_TOKENS})""",
)
WORD_TABLES = (
    'CREATE TABLE word (word TEXT COLLATE "C" NOT NULL PRIMARY KEY)',
    """CREATE TABLE word_total (
        word TEXT COLLATE "C" NOT NULL, day INTEGER NOT NULL, messages BIGINT NOT NULL, kopecks BIGINT NOT NULL,
        PRIMARY KEY (word, day)
    )""",
    # The words of an anonymised patient must not remain as rows without messages.
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
TRIGGER_EVENTS = (
    ('added', 'INSERT', 'NEW TABLE AS added', ADDED_ROWS),
    ('removed', 'DELETE', 'OLD TABLE AS removed', REMOVED_ROWS),
    ('changed', 'UPDATE', 'OLD TABLE AS removed NEW TABLE AS added', f'{ADDED_ROWS} UNION ALL {REMOVED_ROWS}'),
)
TRIGGERS = tuple(
    (
        TRIGGER_FUNCTION.format(
            name=name,
            changes=(UPDATE_TOTALS + UPDATE_WORD_TOTALS).format(rows=rows)
            + (INSERT_WORDS.format(names=ADDED_NAMES) if 'added' in tables else ''),
        ),
        TRIGGER.format(name=name, event=event, tables=tables),
    )
    for name, event, tables, rows in TRIGGER_EVENTS
)


class PostgresqlIndexes:
    """The definition of all indexes and totals on PostgreSQL; see services.database.indexes.index_builder."""

    WORD_TOTALS_QUERY = SELECT_WORD_TOTALS.format(rows=EXISTING_NAMES)

    DEFINITION = (CREATE_TOKENS_FUNCTION, INDEXES, WORD_TABLES, TRIGGERS)

    DROP_STATEMENTS = (
        *(f'DROP TRIGGER IF EXISTS message_{name} ON message' for name, *_ in TRIGGER_EVENTS),
        *(f'DROP FUNCTION IF EXISTS message_{name}' for name, *_ in TRIGGER_EVENTS),
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
    def build_steps(connection: Connection) -> Sequence[Sequence[str]]:
        """Return the statements that build all indexes and totals, grouped into steps for the progress display."""
        return (
            # Memory for sorting, in this transaction only.
            ["SET LOCAL maintenance_work_mem = '512MB'", "SET LOCAL work_mem = '256MB'"],
            [CREATE_TOKENS_FUNCTION],
            *([index] for index in INDEXES),
            [UPDATE_TOTALS.format(rows=EXISTING_COUNTS)],
            [*WORD_TABLES, UPDATE_WORD_TOTALS.format(rows=EXISTING_NAMES)],
            [INSERT_WORDS.format(names=EXISTING_WORDS)],
            [statement for trigger in TRIGGERS for statement in trigger],
        )
