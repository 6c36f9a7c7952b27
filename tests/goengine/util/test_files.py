"""Files are written completely or not at all."""

from pathlib import Path

import pytest

from goengine.errors import GoEngineError
from goengine.util.files import make_folder, whole_file


def test_file_appears_when_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text("old")
    with whole_file(path) as partial:
        partial.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (KeyboardInterrupt(), KeyboardInterrupt),
        (GoEngineError("bad"), GoEngineError),
        (OSError(28, "No space left on device"), GoEngineError),
    ],
)
def test_failure_keeps_the_earlier_file(
    tmp_path: Path, failure: BaseException, error: type[BaseException]
) -> None:
    path = tmp_path / "f"
    path.write_text("old")

    def fail() -> None:
        with whole_file(path) as partial:
            partial.write_text("half")
            raise failure

    with pytest.raises(error) as caught:
        fail()
    if isinstance(failure, OSError):
        assert str(caught.value) == f"{path}: cannot be written (No space left on device)"
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_paths_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "f").touch()
    for path, reason in (
        (tmp_path, "it is a folder"),
        (Path(), "it is a folder"),
        (tmp_path / "absent" / "f", "there is no folder"),
        (tmp_path / "f" / "g", "there is no folder"),
    ):
        with pytest.raises(GoEngineError, match=reason), whole_file(path):
            pass
    with pytest.raises(GoEngineError, match="cannot create this folder"):
        make_folder(tmp_path / "f" / "g")
