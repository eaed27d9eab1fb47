"""Layer 4: what the program does."""
