"""The filters of a list page: one module for each kind of field."""
