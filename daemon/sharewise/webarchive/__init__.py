"""Layer 3: a saved page as a web archive that other programs replay."""
