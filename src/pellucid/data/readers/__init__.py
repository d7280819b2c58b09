"""Readers: from a file, a folder or arrays to raw data. `formats` declares what can be read."""
