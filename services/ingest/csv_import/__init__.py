"""Import of CSV files: reading the file, recording its rows, the file of rejected rows."""
