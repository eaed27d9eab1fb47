"""Layer 0: error codes, plug-in discovery, `Private`. Imports nothing of ours."""
