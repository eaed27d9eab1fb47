"""The parts of TIFF: tags, directories, words for people, and the account of every byte."""
