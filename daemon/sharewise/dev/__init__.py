"""Tools for developers; not imported by anything that ships."""
