"""The program that a browser starts: relays frames between its extension and the daemon."""
