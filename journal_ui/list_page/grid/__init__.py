"""The table of a list page: AG Grid with expandable rows and a column layout for each user."""
