"""Those who compete, each used the way its own users make it fast."""
