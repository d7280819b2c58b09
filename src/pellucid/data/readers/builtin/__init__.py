"""The built-in data sets, which are part of a package or downloaded once."""
