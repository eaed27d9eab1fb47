"""Layer 3: what is done with pictures of a capture: fingerprints, redacted copies."""
