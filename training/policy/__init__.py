"""The policy as a training task, and its release as a model folder or an ONNX file."""
