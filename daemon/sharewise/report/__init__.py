"""Layer 3: the report of a case, a PDF for people who decide in minutes."""
