"""Neighbours: against brute force, without what is asked about, under every symmetry of the board."""

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
def test_neighbours_are_those_of_the_smallest_angle(classifier, layer):
    examples = ImageExamples(classifier, load_images("digits[:200]"))
    query = examples.inputs(np.array([7]))
    found = nearest(classifier, layer, examples, query, {7}, 5)
    x = examples.inputs(np.arange(200))
    for name in ("convolution1", "relu1", "max_pooling1", "flatten1", "fully_connected1", "relu2"):
        x = getattr(classifier, name)(x)
        if name == layer:
            break
    x = torch.nn.functional.normalize(x.detach().flatten(1), dim=1)
    cosines = x @ x[7]
    cosines[7] = -1
    expected = torch.topk(cosines, 5)
    assert [match.row for match in found] == expected.indices.tolist()
    np.testing.assert_allclose([match.similarity for match in found], expected.values, atol=1e-5)


def test_an_image_is_no_neighbour_of_itself(classifier, tmp_path):
    digits = load_images("digits")
    for row in range(6):
        digits.image(row).save(tmp_path / f"{row}.png")
    search = ImageSearch(classifier, tmp_path / "3.png", str(tmp_path))
    found = nearest(classifier, "relu2", search.examples, search.queries, search.excluded, 10)
    assert sorted(match.row for match in found) == [0, 1, 2, 4, 5]
    assert search.facts(found[0]) == {"image": str(tmp_path / f"{found[0].row}.png")}
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
    """A query's game; a table with that game turned, one that begins as it does turned, and others."""
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


def test_a_position_is_found_however_the_board_lies(policy, games):
    search = PositionSearch(policy, games / "query.sgf", 1, 20, games / "games.parquet", 10_000)
    assert search.excluded == {1}
    found = nearest(policy, "relu2", search.examples, search.queries, search.excluded, 20)
    assert (search.facts(found[0])["game"], search.facts(found[0])["move"]) == (2, 21)
    assert found[0].similarity == pytest.approx(1, abs=1e-5)
    assert found[1].similarity < 0.999
    rows = [search.facts(match)["game"] for match in found]
    assert 1 not in rows
    assert len(rows) == len(set(rows)) == 8
    asked, shown = search.asked.image, search.tile(found[0]).image
    assert asked.tobytes() == shown.tobytes()  # turned back to lie as the query


def test_positions_of_another_board_are_refused(games, tmp_path):
    small = PolicyNetwork(5, 4, 2)
    with pytest.raises(GoEngineError, match=r"query\.sgf: a board of 9x9, the model sees 5x5"):
        PositionSearch(small, games / "query.sgf", 1, 20, games / "games.parquet", 100)
    write_table(tmp_path / "five.parquet", example_records(2, 5))
    with pytest.raises(GoEngineError, match=r"five\.parquet: games of 5x5, the model sees 9x9"):
        PositionSearch(PolicyNetwork(9, 4, 2), games / "query.sgf", 1, 20, tmp_path / "five.parquet", 100)


def test_classes_are_told_where_there_are_any(classifier, tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        Image.new("L", (8, 8), ord(name)).save(tmp_path / name / "1.png")
    Image.new("L", (8, 8), 90).save(tmp_path / "query.png")
    search = ImageSearch(classifier, tmp_path / "query.png", str(tmp_path))
    found = nearest(classifier, "relu2", search.examples, search.queries, search.excluded, 10)
    assert {search.facts(match)["class"] for match in found} == {"a", "b"}
