"""The shapes of values that records ask for: laid on the nodes of a file, and told to editors as JSON Schema."""
