"""What differs between the engines in the SQL of a search: one module for each engine, and their protocol."""
