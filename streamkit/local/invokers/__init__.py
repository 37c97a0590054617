"""How the function is called, and what goes wrong on the way."""
