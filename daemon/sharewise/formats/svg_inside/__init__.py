"""The text of an SVG: its tokens, what may be in it, its styles and the pictures inside."""
