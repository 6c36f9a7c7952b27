"""A policy gets stronger by playing: policy gradient against a pool of its earlier selves."""
