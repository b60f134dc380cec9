"""The observer with a real browser."""
