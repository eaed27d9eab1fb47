"""The parts of a HEIF or AVIF file: its items, their properties and how they hang together."""
