"""Image classifiers: their data, training, evaluation and model folders."""
