"""The summary page: totals, cost by organisation, growing errors, the longest waiting messages."""
