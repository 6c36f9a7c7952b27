"""The Go Text Protocol: an engine that answers it, and a client that drives engines."""
