"""Files of templates as text, and the text as objects and lists that know their lines."""
