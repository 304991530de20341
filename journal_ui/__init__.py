"""What is on the screen and on the wire: pages, their components, the API and the command line. No SQL here."""
