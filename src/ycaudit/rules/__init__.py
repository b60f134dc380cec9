"""What a policy asks for, and the judge who holds an observation against it."""
