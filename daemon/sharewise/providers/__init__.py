"""Layer 3: one module for each cloud-sync client; each exposes `PROVIDER`."""
