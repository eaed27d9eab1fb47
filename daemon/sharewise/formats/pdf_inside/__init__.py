"""What is in a PDF, found and written anew with pikepdf."""
