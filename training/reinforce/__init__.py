"""Reinforcement learning: policy gradient against a pool of earlier snapshots of the policy."""
