"""The list itself: an AG Grid table with opened rows and a column layout for each user."""
