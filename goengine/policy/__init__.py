"""Policies: a network's probabilities for the moves of a board, by PyTorch or ONNX Runtime."""
