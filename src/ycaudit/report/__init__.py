"""Everything that is made of a finished run."""
