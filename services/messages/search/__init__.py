"""The planning of a search: parse the text, estimate its share, choose access paths, build statements."""
