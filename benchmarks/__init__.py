"""Every speed claim, side by side with its peers: ``make bench``, ``make bench-quick``, docs/speed.md."""
