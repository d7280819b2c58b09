"""Where raw data comes from, one module a source."""
