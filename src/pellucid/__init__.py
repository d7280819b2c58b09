"""Fully connected neural networks you can see through."""
