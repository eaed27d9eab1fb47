"""Layer 5: turns a call that arrives into a call of a service."""
