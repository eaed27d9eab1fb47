"""The metadata blocks that many formats carry: read for people, never trusted, never raised on."""
