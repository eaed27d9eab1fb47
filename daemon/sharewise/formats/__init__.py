"""Layer 1, pure: what hides in which file, and the plan that removes it."""
