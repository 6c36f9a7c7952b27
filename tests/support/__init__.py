"""What several test modules share: where the real games lie, small boards from diagrams."""

import os
from pathlib import Path

import pytest


def shared_dir() -> Path:
    """The folder of real games, skipping the test where it is absent.

    It is the folder that GOENGINE_SHARED names, else `shared` beside the checkout.
    """
    default = Path(__file__).resolve().parents[2].parent / "shared"
    path = Path(os.environ.get("GOENGINE_SHARED", default))
    if not (path / "games").is_dir():
        pytest.skip(f"the real games are not at {path}")
    return path
