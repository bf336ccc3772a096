"""Results over time: kept in a file, drawn, and the points at which they changed."""
