"""Seeing what a network sees: filters, activations, patches, occlusion; and what it holds alike."""
