"""Stories in Chromium against the running program, found and done as a person would."""
