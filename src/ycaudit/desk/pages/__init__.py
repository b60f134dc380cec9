"""What each page of the desk shows, and what its form does: calls of services, and no logic."""
