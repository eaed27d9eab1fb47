"""Layer 3: one module for each part of a capture; each exposes `ARTEFACT`."""
