"""Making items of an image type: one walk over pydantic's schema of the type, over anything that draws."""
