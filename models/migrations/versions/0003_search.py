"""What finds a name or a phone at once on SQLite: a full-text index of words. PostgreSQL gets its own with 0004.

`message_search` holds no text, only which message has which token. Tokens are the words of the folded name;
the initials as `.1и` and `.2п`; and every four digits in a row of the phone as `-1234`. Folding removes dots and
hyphens from names, so no name holds such a token. `word` has each word of all names once, and `word_part` its
trigrams: a fragment is first turned into the words that contain it.
"""

from alembic import op

revision = '0003'
down_revision = '0002'

PHONE_STARTS = range(2, 14)
"""Where four digits can begin in `+` and at most fifteen digits (E.164), counted from 1."""

TOKENS = ' || '.join(
    (
        '{row}.name_key',
        "coalesce(' .1' || nullif(substr({row}.initials, 1, 1), ''), '')",
        "coalesce(' .2' || nullif(substr({row}.initials, 2, 1), ''), '')",
        *(
            f"iif(length({{row}}.phone) > {start + 2}, ' -' || substr({{row}}.phone, {start}, 4), '')"
            for start in PHONE_STARTS
        ),
    )
)
WORDS = """json_each('[' || replace(json_quote(NEW.name_key), ' ', '","') || ']')"""
ADD = f"""
    INSERT INTO message_search (rowid, tokens) VALUES (NEW.place, {TOKENS.format(row='NEW')});
    INSERT INTO word (word) SELECT DISTINCT value FROM {WORDS}
        WHERE value <> '' AND NOT EXISTS (SELECT 1 FROM word WHERE word.word = value);
"""
REMOVE = f"""
    INSERT INTO message_search (message_search, rowid, tokens)
    VALUES ('delete', OLD.place, {TOKENS.format(row='OLD')});
"""


def upgrade() -> None:
    """Make the index and the triggers that keep it."""
    if op.get_bind().dialect.name == 'sqlite':
        # What a sum over the messages of a name reads instead of their wide rows. The planner prefers the rows; the
        # view holds it to the index.
        narrow = ['place', 'cost', 'organization_id', 'kind', 'status']
        op.create_index('message_narrow', 'message', narrow)
        for statement in (
            f'CREATE VIEW message_in_brief AS SELECT {", ".join(narrow)} FROM message INDEXED BY message_narrow',
            """CREATE VIRTUAL TABLE message_search USING fts5 (
                tokens, content = '', detail = none, columnsize = 0,
                tokenize = "unicode61 remove_diacritics 0 categories 'L* M* N* P* S* C*'"
            )""",
            'CREATE TABLE word (id INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE)',
            """CREATE VIRTUAL TABLE word_part USING fts5 (
                word, content = 'word', content_rowid = 'id', tokenize = 'trigram case_sensitive 1'
            )""",
            """CREATE TRIGGER word_added AFTER INSERT ON word BEGIN
                INSERT INTO word_part (rowid, word) VALUES (NEW.id, NEW.word);
            END""",
            f'CREATE TRIGGER message_search_added AFTER INSERT ON message BEGIN {ADD} END',
            f'CREATE TRIGGER message_search_removed AFTER DELETE ON message BEGIN {REMOVE} END',
            f"""CREATE TRIGGER message_search_changed
                AFTER UPDATE OF place, name_key, initials, phone ON message BEGIN {REMOVE} {ADD} END""",
        ):
            op.execute(statement)
