"""Layer 1, pure: the messages of both hops, their envelope and their framing."""
