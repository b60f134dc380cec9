"""Files that people write: lists of units, rules, statistics."""
