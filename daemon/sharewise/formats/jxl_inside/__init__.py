"""What the boxes of a JPEG XL file hold."""
