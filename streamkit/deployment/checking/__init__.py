"""Does what is deployed fit the code? Rules over a mapping as it is deployed and the handler that it calls."""
