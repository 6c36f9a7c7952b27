"""Nearest neighbours: compared with brute force, without the query itself, under all symmetries."""

import numpy as np
import pytest
import torch
from PIL import Image
from support.example_records import example_records

from goengine.data.sgf.records import GameRecord
from goengine.data.table.writer import write_table
from goengine.errors import GoEngineError
from goengine.game.board import Board
from goengine.nn.classifier import ImageClassifier
from goengine.nn.network import PolicyNetwork
from goengine.points import symmetry_tables
from goengine.training.classify.image_set import load_images
from goengine.training.explain.examples import ImageExamples
from goengine.training.explain.retrieval import default_layer, nearest
from goengine.training.explain.search import ImageSearch, PositionSearch


@pytest.fixture(scope="module")
def classifier():
    torch.manual_seed(0)
    pattern = "CONV16-RELU-POOL-(FC8-RELU)*1,SOFTMAX"
    return ImageClassifier(pattern, [1, 8, 8], list("0123456789"), [0.3], [0.3]).eval()


@pytest.fixture(scope="module")
def policy():
    network = PolicyNetwork(9, 16, 3)
    network.reset_parameters(torch.Generator().manual_seed(0))
    return network.eval()


def test_the_default_layer_is_before_the_last_with_weights(classifier, policy):
    assert default_layer(classifier) == "relu2"
    assert default_layer(policy) == "relu2"


@pytest.mark.parametrize("layer", ["relu2", "relu1"])  # 8 numbers; 1,024, which are projected
def test_neighbours_have_the_smallest_angles(classifier, layer):
    examples = ImageExamples(classifier, load_images("digits[:200]"))
    query = examples.inputs(np.array([7]))
    matches = nearest(classifier, layer, examples, query, {7}, 5)
    x = examples.inputs(np.arange(200))
    for name in ("convolution1", "relu1", "max_pooling1", "flatten1", "fully_connected1", "relu2"):
        x = getattr(classifier, name)(x)
        if name == layer:
            break
    x = torch.nn.functional.normalize(x.detach().flatten(1), dim=1)
    cosines = x @ x[7]
    cosines[7] = -1
    expected = torch.topk(cosines, 5)
    assert [match.row for match in matches] == expected.indices.tolist()
    np.testing.assert_allclose([match.similarity for match in matches], expected.values, atol=1e-5)


def test_an_image_is_not_its_own_neighbour(classifier, tmp_path):
    digits = load_images("digits")
    for row in range(6):
        digits.image(row).save(tmp_path / f"{row}.png")
    search = ImageSearch(classifier, tmp_path / "3.png", str(tmp_path))
    matches = nearest(classifier, "relu2", search.examples, search.queries, search.excluded, 10)
    assert sorted(match.row for match in matches) == [0, 1, 2, 4, 5]
    assert search.facts(matches[0]) == {"image": str(tmp_path / f"{matches[0].row}.png")}
    among = ImageSearch(classifier, tmp_path / "3.png", "digits[:6]")
    assert among.excluded == {3}  # the same pixels


def turned(record, symmetry):
    image = symmetry_tables(record.size)[symmetry]
    return GameRecord(size=record.size, moves=tuple(int(image[move]) for move in record.moves))


def sgf(record):
    letters = "abcdefghi"
    moves = [
        f";{'BW'[i % 2]}[{letters[m % 9] + letters[m // 9] if m < 81 else ''}]"
        for i, m in enumerate(record.moves)
    ]
    return f"(;SZ[9]{''.join(moves)})"


@pytest.fixture
def games(tmp_path):
    """A game, and a table with it rotated, another with the same rotated opening, and others."""
    first, second, *others = [
        GameRecord(size=9, moves=record.moves)
        for record in example_records(40, 9)
        if not record.setup_black and record.first_player == 1 and len(record.moves) > 30
    ][:8]
    (tmp_path / "query.sgf").write_text(sgf(first))
    cousin = GameRecord(size=9, moves=(*first.moves[:20], next(m for m in range(81) if free(first, m))))
    rows = [turned(second, 0), turned(first, 5), turned(cousin, 6), *others]
    write_table(tmp_path / "games.parquet", rows)
    return tmp_path


def free(record, move):
    return move != record.moves[20] and Board.from_record(record, 20).is_legal(move)


def test_a_position_is_found_under_every_symmetry(policy, games):
    search = PositionSearch(policy, games / "query.sgf", 1, 20, games / "games.parquet", 10_000)
    assert search.excluded == {1}
    matches = nearest(policy, "relu2", search.examples, search.queries, search.excluded, 20)
    assert (search.facts(matches[0])["game"], search.facts(matches[0])["move"]) == (2, 21)
    assert matches[0].similarity == pytest.approx(1, abs=1e-5)
    assert matches[1].similarity < 0.999
    rows = [search.facts(match)["game"] for match in matches]
    assert 1 not in rows
    assert len(rows) == len(set(rows)) == 8
    query, shown = search.query_tile.image, search.tile(matches[0]).image
    assert query.tobytes() == shown.tobytes()  # drawn under the query's symmetry


def test_positions_of_another_board_are_refused(games, tmp_path):
    small = PolicyNetwork(5, 4, 2)
    with pytest.raises(GoEngineError, match=r"a board of 9x9; expected 5x5, the size of the model"):
        PositionSearch(small, games / "query.sgf", 1, 20, games / "games.parquet", 100)
    write_table(tmp_path / "five.parquet", example_records(2, 5))
    with pytest.raises(GoEngineError, match=r"games of 5x5; expected 9x9, the size of the model"):
        PositionSearch(PolicyNetwork(9, 4, 2), games / "query.sgf", 1, 20, tmp_path / "five.parquet", 100)


def test_classes_are_reported_if_there_are_any(classifier, tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        Image.new("L", (8, 8), ord(name)).save(tmp_path / name / "1.png")
    Image.new("L", (8, 8), 90).save(tmp_path / "query.png")
    search = ImageSearch(classifier, tmp_path / "query.png", str(tmp_path))
    matches = nearest(classifier, "relu2", search.examples, search.queries, search.excluded, 10)
    assert {search.facts(match)["class"] for match in matches} == {"a", "b"}
