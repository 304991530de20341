"""The summary page: totals, cost by organization, growing errors, the longest waiting messages."""
