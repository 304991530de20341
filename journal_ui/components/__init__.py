"""Elements drawn with no knowledge of a page: buttons, dialogs, forms, icons, tables."""
