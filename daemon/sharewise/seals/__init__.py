"""Layer 1, pure: manifests, signatures and what a verifier says of them."""
