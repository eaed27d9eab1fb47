"""Clean a folder of files and prove it with other tools: `python3 tests corpus DIR`."""
