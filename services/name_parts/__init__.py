"""The parts of names of people: patronymics, surnames, and words that were typed in quotation marks."""
