"""Runs audits: which unit is looked at when, by whom, and what becomes of it."""
