"""What all list pages share: the query protocol, query conditions, reference data, drafts, links and saved searches."""
