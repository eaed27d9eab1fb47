"""Layer 2: files on this machine, read in ranges, written beside, proved, and only then swapped in.

A failure at any moment leaves the file that was there, whole; what was written beside is removed.
"""
