"""The searches that a list page offers: buttons beside the rows, and instead of rows that were not found."""
