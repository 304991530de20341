"""What surrounds the content of every page: header, drawer, footer, keyboard shortcuts, outage banner, theme."""
