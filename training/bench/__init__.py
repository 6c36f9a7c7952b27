"""Benchmarks (`goengine bench`): the speed of each part and of a reference, measured in the same run."""
