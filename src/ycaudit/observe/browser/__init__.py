"""The look through a real browser."""
