"""The sources of raw data, one module each."""
