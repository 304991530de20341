"""What all list pages share: the query protocol, conditions in words, drafts, share links, saved searches."""
