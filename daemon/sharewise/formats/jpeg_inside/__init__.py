"""The parts of the JPEG format; `sharewise.formats.jpeg` puts them together."""
