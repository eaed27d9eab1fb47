"""Sharewise: cleans what you share and seals what you are shown. Everything stays local."""

__version__ = "0.1.0"
