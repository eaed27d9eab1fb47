"""The parts of the PNG format; `sharewise.formats.png` puts them together."""
