"""Look for a file that breaks a format: `python3 tests fuzz [FORMAT …] [--seconds N]`."""
