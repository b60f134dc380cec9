"""The one way to the network: guarded, bounded, and as browsers do it."""
