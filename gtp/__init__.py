"""The Go Text Protocol (GTP): an engine that answers it, a client that drives engines, and matches."""
