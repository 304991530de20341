"""The style sheet: one module for each part of the screen, and the palette that they take colours from."""
