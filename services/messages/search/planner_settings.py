"""The tuning constants of the search planner, as one value that is handed in."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final


@dataclass(frozen=True)
class PlannerSettings:
    """Limits and cost ratios by which the planner chooses an access path; the defaults were measured on large journals.

    They decide how a result is reached, never what it is.
    """

    newest_scan_rows: int = 1_000
    """Rows that are scanned from the end of the list before the text index is used, if the page is likely in them."""
    max_ordered_tokens: int = 50
    """Up to this many tokens, the index of SQLite, which is in the order of the list, is used without such a scan."""
    first_index_window: timedelta = timedelta(days=9)
    """The days that are looked up in the index of PostgreSQL first."""
    matched_row_cost_ratio: int = 20
    """Reading a message that the text index of PostgreSQL yields costs this many times as much as an index entry."""
    full_row_cost_ratio: int = 4
    """Reading a whole message costs this many times as much as reading its entry in `message_facts`."""
    min_deep_skip: int = 2_000
    """From this many skipped rows on, counts by day are read to find the days of the page."""
    max_scanned_days: int = 2
    """If the page spans at most this many more days, scanning them is cheaper than the index."""
    max_scanned_rows: int = 50_000
    """Up to this many rows a scan takes milliseconds, so that no shortcut is needed."""
    sort_index_step_cost_ratio: int = 8
    """A step along an index of the sort column costs this many times as much as reading and sorting a message."""
    max_organization_skip: int = 200
    """Up to this many rows from either end, a list sorted by organization is read organization by organization.

    There are hundreds of organizations, so that further on too many of them would have to be counted.
    """
    max_direct_skip: int = 200
    """Up to this many rows are skipped one by one, without reading the aggregates."""
    max_ten_day_blocks: int = 40
    """For a period of more ten-day blocks the index of PostgreSQL is read without a condition on days."""
    max_words: int = 500
    """A fragment that occurs in more words than this is too common for the index."""
    max_pairs: int = 300
    """Up to this many pairs of words are looked up instead of intersecting two long lists of messages."""
    max_fragments: int = 6
    """Only the longest fragments of a name, up to this many, are looked up; more of them would rule out nothing."""
    max_counted_words: int = 30
    """Totals are added up from those of single words for at most this many words: more have too many pairs."""
    max_appointment_days: int = 40
    """Up to this many days of appointments are read day by day, each in the order of the list."""
    max_counted_entries: int = 5_000
    """Entries of an index that are counted at most, to compare conditions: more take longer than they save."""
    min_share: float = 1e-4
    """If no larger share of all messages is left, reading them is cheaper than adding tokens to the index query."""
    max_selective_share: float = 0.2
    """Tokens that occur in more than this share of messages are not selective enough to add to the index query."""
    phone_token_share: float = 4e-4
    """The share of phones that contain four given digits in a row, as measured: most phones begin alike."""
    token_cost_ns: float = 4.0
    """Nanoseconds that one token adds to each message read from the index; measured on SQLite."""
    indexed_row_cost_ns: float = 1_000.0
    """Nanoseconds that reading a message from the index takes."""
    scanned_row_cost_ns: float = 350.0
    """Nanoseconds that reading a message without the index takes."""


DEFAULT_SETTINGS: Final = PlannerSettings()
