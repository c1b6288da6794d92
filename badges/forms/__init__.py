"""Forms of the badges app, by subject."""
