"""The style sheet: one module for each part of the screen, and the palette with all colours."""
