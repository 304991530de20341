"""Create the full-text index of names and phones on SQLite. PostgreSQL receives its own with 0004.

`message_search` stores no text, only the tokens of each message. Tokens are the words of the folded name, the initials
as `.1и` and `.2п`, and every four consecutive digits of the phone as `-1234`. Folding removes dots and hyphens from
names, so no name contains such a token. `word` has each word of all names once, and `word_part` its trigrams, so that a
fragment is first resolved to the words that contain it.
"""

from alembic import op

revision = '0003'
down_revision = '0002'

PHONE_STARTS = range(2, 14)
"""The positions, counted from 1, at which four digits can begin in `+` and at most fifteen digits (E.164)."""

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
    """Create the index and the triggers that maintain it."""
    if op.get_bind().dialect.name == 'sqlite':
        # A sum over the messages of a name reads this covering index instead of the wide rows. The view forces it,
        # because the planner would prefer the rows.
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
