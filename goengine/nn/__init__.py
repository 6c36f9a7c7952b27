"""Neural networks: layer specs, networks built from them, and the folders they are kept in."""
