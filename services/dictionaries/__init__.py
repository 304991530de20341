"""The dictionaries of organisations and kinds of messages: spellings, entries, and changes by administrators."""
