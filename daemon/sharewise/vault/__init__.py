"""Layer 2: keys and ciphers of the evidence, and where it lies on the disk; nothing plain does."""
