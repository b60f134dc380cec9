"""Finished runs: how they are kept, compared and proven."""
