"""Pages of the badges app, by what people come to do."""
