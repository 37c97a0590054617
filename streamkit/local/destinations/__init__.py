"""Where on-failure records go, and what is in them."""
