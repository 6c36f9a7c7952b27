"""Explaining networks: filters, activation maps, patches, occlusion maps, and nearest neighbours."""
