"""The pages of the program: one module for each page."""
