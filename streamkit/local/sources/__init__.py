"""Where records come from: tables, recordings, and how many records are held."""
