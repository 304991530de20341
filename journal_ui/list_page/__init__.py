"""The generic searchable list page: filter panel, paging bar, list, and what belongs to them."""
