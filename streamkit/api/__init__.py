"""Lambda's API for event source mappings, on this machine: what `streamkit serve` serves."""
