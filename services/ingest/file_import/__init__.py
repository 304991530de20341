"""Import of files: recording the rows of a table, the file of rejected rows."""
