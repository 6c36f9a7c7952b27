"""How fast each part is, beside a reference measured in the same run: `goengine bench`."""
