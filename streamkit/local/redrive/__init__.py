"""On-failure records brought back: read, their records fetched, and run through a handler again."""
