"""The state of a tumbling window on its way to Lambda and back."""
