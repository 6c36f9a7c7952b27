"""Reading TOML files."""

import tomllib
from pathlib import Path
from typing import Any

from goengine.errors import GoEngineError


def read_toml(path: Path, name: str) -> dict[str, Any]:
    """Return the content of a TOML file, with or without a byte order mark.

    Args:
        path: The file.
        name: What the file is, for error messages: "training config".

    Raises:
        GoEngineError: If the file cannot be read or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise GoEngineError(f"cannot read the {name} {path}: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise GoEngineError(f"the {name} {path} is not TOML: {error}") from error
