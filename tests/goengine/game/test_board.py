"""The rules of Go, as tables of facts."""

from xml.etree import ElementTree

import numpy as np
import pytest
from support.diagrams import BLACK, WHITE, board_from, parse_diagram, picture, side_by_side, tidy, vertices
from support.random_games import random_attempts

from goengine.errors import GoEngineError, IllegalMoveError
from goengine.game.board import EMPTY, Board
from goengine.game.rules import RULES, Rules
from goengine.points import parse_vertex

SIMPLE_KO_AND_SUICIDE = Rules(suicide=True)

# name, who is to move, moves, before and after, the ko point, stones captured by Black and by White
PLAY = [
    (
        "a stone in the corner",
        *(BLACK, "A3"),
        """
        O X . . | . X . .
        . . . . | X . . .
        . . . . | . . . .
        . . . . | . . . .
        """,
        *(None, 1, 0),
    ),
    (
        "a stone at the edge",
        *(WHITE, "B3"),
        """
        O X O . | O . O .
        . . . . | . O . .
        . . . . | . . . .
        . . . . | . . . .
        """,
        *(None, 0, 1),
    ),
    (
        "a stone in the centre",
        *(BLACK, "C3"),
        """
        . . X . . | . . X . .
        . X O X . | . X . X .
        . . . . . | . . X . .
        . . . . . | . . . . .
        . . . . . | . . . . .
        """,
        *(None, 1, 0),
    ),
    (
        "a bent chain",
        *(BLACK, "D3"),
        """
        . X X . . | . X X . .
        X O O X . | X . . X .
        . X O . . | . X . X .
        . . X . . | . . X . .
        . . . . . | . . . . .
        """,
        *(None, 3, 0),
    ),
    (
        "three chains by one move",
        *(BLACK, "C4"),
        """
        . X . X . | . X . X .
        X O . O X | X . X . X
        . X O X . | . X . X .
        . . X . . | . . X . .
        . . . . . | . . . . .
        """,
        *(None, 3, 0),
    ),
    (
        "captured stones go before the own liberties are counted",
        *(BLACK, "A4"),
        """
        . O X . | X . X .
        O O X . | . . X .
        X X X . | X X X .
        . . . . | . . . .
        """,
        *(None, 3, 0),
    ),
    (
        "ko",
        *(BLACK, "C3"),
        """
        . X O . | . X O .
        X O . O | X . X O
        . X O . | . X O .
        . . . . | . . . .
        """,
        *("B3", 1, 0),
    ),
    (
        "ko at the edge",
        *(WHITE, "A4"),
        """
        . X O . | O . O .
        X O . . | X O . .
        . . . . | . . . .
        . . . . | . . . .
        """,
        *("B4", 0, 1),
    ),
    (
        "ko in the corner",
        *(BLACK, "B4"),
        """
        O . O . | . X O .
        X O . . | X O . .
        . . . . | . . . .
        . . . . | . . . .
        """,
        *("A4", 1, 0),
    ),
    (
        "a ko is taken back after a threat and its answer",
        *(BLACK, "C4 E1 E5 B4"),
        """
        . X O . . | . X O . X
        X O . O . | X O . O .
        . X O . . | . X O . .
        . . . . . | . . . . .
        . . . . . | . . . . O
        """,
        *("C4", 1, 1),
    ),
    (
        "a ko is taken back after two passes",
        *(BLACK, "C3 pass pass B3"),
        """
        . X O . | . X O .
        X O . O | X O . O
        . X O . | . X O .
        . . . . | . . . .
        """,
        *("C3", 1, 1),
    ),
    (
        "no ko: two stones taken",
        *(BLACK, "D4"),
        """
        . X X O . | . X X O .
        X O O . O | X . . X O
        . X X O . | . X X O .
        . . . . . | . . . . .
        . . . . . | . . . . .
        """,
        *(None, 2, 0),
    ),
    (
        "no ko: taken by a stone that is part of a chain",
        *(BLACK, "C4"),
        """
        . X O . . | . X O . .
        X O . O . | X . X O .
        . X X O . | . X X O .
        . . O . . | . . O . .
        . . . . . | . . . . .
        """,
        *(None, 1, 0),
    ),
    (
        "no ko: the taking stone has another liberty",
        *(BLACK, "C3"),
        """
        . X . . | . X . .
        X O . O | X . X O
        . X O . | . X O .
        . . . . | . . . .
        """,
        *(None, 1, 0),
    ),
    (
        "snapback: one stone thrown in, four taken",
        *(WHITE, "A4 A3 A4"),
        """
        . X X O | O . . O
        . X O . | . . O .
        O O . . | O O . .
        . . . . | . . . .
        """,
        *(None, 1, 4),
    ),
]


@pytest.mark.parametrize("case", PLAY, ids=lambda case: case[0])
def test_play(case):
    _, to_play, moves, diagrams, ko, by_black, by_white = case
    before, after = side_by_side(diagrams)
    board = board_from(before, to_play, moves)
    assert picture(board.stones) == tidy(after)
    assert board.ko_point == (None if ko is None else parse_vertex(ko, board.size))
    assert board.captures == {BLACK: by_black, WHITE: by_white}
    assert board.ply == len(moves.split())


SUICIDES = [
    (
        "a single stone",
        "A4",
        """
        . X . . | . X . .
        X . . . | X . . .
        . . . . | . . . .
        . . . . | . . . .
        """,
        1,
    ),
    (
        "a chain",
        "A4",
        """
        . O X . | . . X .
        X O X . | X . X .
        . X . . | . X . .
        . . . . | . . . .
        """,
        3,
    ),
]


@pytest.mark.parametrize("case", SUICIDES, ids=lambda case: case[0])
def test_suicide_only_by_rule(case):
    _, vertex, diagrams, lost = case
    before, after = side_by_side(diagrams)
    with pytest.raises(IllegalMoveError, match="suicide"):
        board_from(before, WHITE, vertex)
    board = board_from(before, WHITE, vertex, rules=SIMPLE_KO_AND_SUICIDE)
    assert picture(board.stones) == tidy(after)
    assert board.captures == {BLACK: lost, WHITE: 0}
    assert (board.to_play, board.ko_point) == (BLACK, None)


TWO_SENT_ONE_RETURNED = """
    . O . O .
    X X O O .
    . X . . .
    . . . . .
    . . . . .
    """
THREE_KOS = """
    . X O . . . . . .
    X O . O . . . . .
    . X O . . . . . .
    . X O . . . . . .
    X . X O . . . . .
    . X O . . . . . .
    . X O . . . . . .
    X O . O . . . . .
    . X O . . . . . .
    """
ONE_EYE = """
    . X .
    X . .
    . . .
    """

# name, who is to move, position, moves, then a move, and what forbids it by each rule set ("": it is legal)
FORBIDDEN = [
    ("a stone is there", BLACK, ONE_EYE, "", "B3", {"chinese": "taken", "tromp-taylor": "taken"}),
    ("own eye", BLACK, ONE_EYE, "", "A3", {"chinese": "", "tromp-taylor": ""}),
    # A single stone's suicide leaves the position as it was, so superko forbids it where suicide is allowed.
    (
        "suicide of one",
        WHITE,
        ONE_EYE,
        "",
        "A3",
        {"chinese": "suicide", "aga": "suicide", "tromp-taylor": "superko"},
    ),
    (
        "ko",
        BLACK,
        ". X O . \n X O . O \n . X O . \n . . . .",
        "C3",
        "B3",
        {"chinese": "ko", "aga": "ko", "tromp-taylor": "ko"},
    ),
    # Passing lifts simple ko, and never superko.
    (
        "ko after two passes",
        BLACK,
        ". X O . \n X O . O \n . X O . \n . . . .",
        "C3 pass pass",
        "B3",
        {"chinese": "", "aga": "superko", "tromp-taylor": "superko"},
    ),
    (
        "two sent, one returned",
        WHITE,
        TWO_SENT_ONE_RETURNED,
        "A5 C5",
        "B5",
        {"chinese": "", "japanese": "", "aga": "superko", "tromp-taylor": "superko"},
    ),
    (
        "triple ko",
        BLACK,
        THREE_KOS,
        "C8 B5 C2 B8 C5",
        "B2",
        {"chinese": "", "japanese": "", "aga": "superko", "tromp-taylor": "superko"},
    ),
]


@pytest.mark.parametrize("case", FORBIDDEN, ids=lambda case: case[0])
def test_forbidden_moves(case):
    _, to_play, diagram, moves, vertex, reasons = case
    for rules, reason in reasons.items():
        board = board_from(diagram, to_play, moves, rules=rules)
        point = parse_vertex(vertex, board.size)
        assert board.is_legal(vertex) == board.legal_moves()[point] == (not reason), rules
        if not reason:
            board.play(vertex)
            continue
        before = str(board), board.moves
        with pytest.raises(IllegalMoveError) as caught:
            board.play(vertex)
        assert reason in str(caught.value)
        assert vertex in str(caught.value)
        assert "\n" not in str(caught.value)
        assert (str(board), board.moves) == before


def test_triple_ko_repeats_the_position():
    board = board_from(THREE_KOS, BLACK, "C8 B5 C2 B8 C5 B2")
    assert picture(board.stones) == tidy(THREE_KOS)


def test_ko_forbids_the_player_to_move_only():
    board = board_from(". X O . \n X O . O \n . X O . \n . . . .", BLACK, "C3")
    assert not board.is_legal("B3")
    assert board.is_legal("B3", colour=BLACK)
    board.play("B3", colour=BLACK)
    assert board.ko_point is None
    assert board.to_play == WHITE


def test_either_colour_may_play_out_of_turn():
    board = Board(5)
    board.play("C3")
    board.play("C4", colour=BLACK)
    assert board.to_play == WHITE
    assert board.moves == [(BLACK, parse_vertex("C3", 5)), (BLACK, parse_vertex("C4", 5))]


@pytest.mark.parametrize(
    "move", ["", "Z3", "I5", "D0", "D6", "F1", "4D", "D4D", "D-1", "xyzzy", "D" + "9" * 5000, -1, 26, 10**9]
)
def test_points_off_the_board_are_refused(move):
    board = Board(5)
    for ask in (board.play, board.is_legal):
        with pytest.raises(GoEngineError) as caught:
            ask(move)
        assert "\n" not in str(caught.value)
        assert len(str(caught.value)) < 100
    assert board.ply == 0


def test_two_passes_end_the_game():
    board = Board(5)
    board.play("pass")
    assert (board.last_move, board.to_play, board.is_over) == (25, WHITE, False)
    board.play("C3")
    board.play(25)
    assert not board.is_over
    board.play("PASS")
    assert (board.is_over, board.ply) == (True, 4)
    board.undo()
    assert not board.is_over


@pytest.mark.parametrize("size", range(2, 26))
def test_every_size_has_its_points(size):
    board = Board(size)
    assert board.legal_moves().shape == (size * size,)
    assert board.legal_moves().all()
    board.play(0)  # a stone in the corner, captured by two
    board.play(1)
    board.play("pass")
    board.play(size)
    assert board.stones[0, 0] == EMPTY
    assert board.captures[WHITE] == 1
    assert not board.legal_moves()[0]
    if size > 2:
        board.play(size * size - 1)
        assert board.chain(size * size - 1) == [size * size - 1]
        assert board.liberties(size * size - 1) == 2


@pytest.mark.parametrize("size", [-1, 0, 1, 26, 3.5, "19", None, True])
def test_unknown_sizes_are_refused(size):
    with pytest.raises(GoEngineError, match="2 to 25"):
        Board(size)


def test_unknown_rules_are_refused():
    with pytest.raises(GoEngineError, match="chinese"):
        Board(9, rules="calvinball")


def test_chains_and_liberties():
    board = board_from(
        """
        X . . . O
        . . . O O
        . X X . .
        . . O . .
        . . O O .
        """
    )
    for vertex, chain, liberties in [
        ("A5", "A5", 2),
        ("D4", "E5 D4 E4", 4),
        ("B3", "B3 C3", 5),
        ("D1", "C2 C1 D1", 4),
    ]:
        point = parse_vertex(vertex, 5)
        assert board.chain(point) == sorted(vertices(chain, 5))
        assert board.liberties(point) == liberties
    for ask in (board.chain, board.liberties):
        with pytest.raises(GoEngineError, match="B5"):
            ask(parse_vertex("B5", 5))


def test_diagram_with_coordinates():
    board = Board(9)
    assert board.last_move is None
    for vertex in ["D4", "F5", "pass", "G7", "C3"]:
        board.play(vertex)
    assert [line.rstrip() for line in str(board).splitlines()] == [
        "   A B C D E F G H J",
        " 9 . . . . . . . . . 9",
        " 8 . . . . . . . . . 8",
        " 7 . . + . . . O . . 7",
        " 6 . . . . . . . . . 6",
        " 5 . . . . + O . . . 5",
        " 4 . . . X . . . . . 4",
        " 3 . .(X). . . + . . 3",
        " 2 . . . . . . . . . 2",
        " 1 . . . . . . . . . 1",
        "   A B C D E F G H J",
    ]


def test_diagram_of_a_large_board():
    lines = str(Board(25)).splitlines()
    assert lines[0].split() == list("ABCDEFGHJKLMNOPQRSTUVWXYZ")
    assert [line.split()[0] for line in lines[1:-1]] == [str(25 - row) for row in range(25)]
    assert len({len(line.rstrip()) for line in lines[1:-1] if line.split()[0] > "9"}) <= 1


# Setup stones


def test_setup_and_handicap():
    board = Board(9)
    stars = vertices("C3 G7 C7 G3", 9)
    board.setup(stars, [], to_play=WHITE)
    assert (board.handicap, board.to_play, board.ply, board.last_move) == (4, WHITE, 0, None)
    assert board.setup_stones == (stars, [])
    assert sorted(np.flatnonzero(board.stones == BLACK)) == sorted(stars)
    board.play("E5")
    assert board.moves == [(WHITE, parse_vertex("E5", 9))]
    board.undo()
    assert (board.to_play, board.setup_stones, board.handicap) == (WHITE, (stars, []), 4)


def test_setup_checks_liberties_once_all_stones_are_placed():
    diagram = parse_diagram("X X O . \n X O O . \n . O . . \n . . . .")
    board = Board(4)
    board.setup(diagram.black, diagram.white)
    assert board.liberties(parse_vertex("A4", 4)) == 1
    board.setup(reversed(diagram.black), reversed(diagram.white))  # again, in another order
    assert board.liberties(parse_vertex("A4", 4)) == 1


@pytest.mark.parametrize(
    ("black", "white"),
    [
        ([0], [1, 4]),
        ([1, 4], [0]),
        ([0, 1, 4], [2, 5, 8]),
        ([5], [5]),
        ([5, 5], []),
        ([16], []),
        ([-1], []),
        (range(16), []),
    ],
)
def test_impossible_setup_is_refused(black, white):
    board = Board(4)
    board.setup([10], [], to_play=WHITE)
    with pytest.raises(GoEngineError) as caught:
        board.setup(black, white)
    assert "\n" not in str(caught.value)
    assert board.setup_stones == ([10], [])
    assert (np.flatnonzero(board.stones) == [10]).all()
    assert board.to_play == WHITE


def test_setup_after_a_move_is_refused():
    board = Board(4)
    board.play("A1")
    with pytest.raises(GoEngineError, match="before the first move"):
        board.setup([5], [])


# Scores

# name, position, moves of both from Black on, dead stones, area and territory score without komi
SCORES = [
    ("nothing is nobody's", ". . \n . .", "", "", 0, 0),
    ("one stone owns the board", ". . . \n . X . \n . . .", "", "", 9, 8),
    (
        "two walls and a row between",
        ". X . O . \n . X . O . \n . X . O . \n . X . O . \n . X . O .",
        *("", "", 0, 0),
    ),
    (
        "a stone that lives counts",
        ". X . O . \n . X . O . \n O X . O . \n . X . O . \n . X . O .",
        *("", "", -6, -5),
    ),
    (
        "a dead stone is a prisoner",
        ". X . O . \n . X . O . \n O X . O . \n . X . O . \n . X . O .",
        *("", "A3", 0, 1),
    ),
    (
        "a dead chain, both colours",
        ". X . O X \n . X . O . \n O X . O . \n O X . O . \n . X . O .",
        *("", "A2 A3 E5", 0, 1),
    ),
    ("a captured stone is a prisoner", "O X . . \n . . . . \n . . . . \n . . . .", "A3", "", 16, 15),
    ("both live in the corner", ". X X O \n X X O O \n . X O . \n X X O .", "", "", 2, 0),
]


@pytest.mark.parametrize("case", SCORES, ids=lambda case: case[0])
def test_scores(case):
    _, diagram, moves, dead, area, territory = case
    for komi in (0.0, 6.5, -3.0):
        board = board_from(diagram, BLACK, moves, komi=komi)
        assert board.area_score(dead=vertices(dead, board.size)) == area - komi
        assert board.territory_score(dead=vertices(dead, board.size)) == territory - komi


def test_a_dead_stone_given_twice_is_one_prisoner():
    board = board_from(". X . O . \n . X . O . \n O X . O . \n . X . O . \n . X . O .")
    assert board.territory_score(dead=[10, 10]) == board.territory_score(dead=[10]) == 1


# Copies and taking back


def _everything(board):
    return (
        board.stones.tobytes(),
        board.ko_point,
        board.captures,
        board.to_play,
        board.ply,
        board.last_move,
        board.moves,
        board.legal_moves().tobytes(),
        str(board),
    )


@pytest.mark.parametrize("rules", ["chinese", "tromp-taylor"])
def test_undo_restores_every_earlier_position(rules):
    board = board_from(". X O . . \n X O . O . \n . X O . . \n . . . . . \n . . . . .", WHITE, rules=rules)
    before = []
    for point in random_attempts(5, 150, seed=4):
        if board.is_legal(point):
            before.append(_everything(board))
            board.play(point)
    assert len(before) > 20
    while before:
        board.undo()
        assert _everything(board) == before.pop()
    with pytest.raises(GoEngineError, match="no move to undo"):
        board.undo()


def test_a_copy_is_independent():
    board = board_from(THREE_KOS, BLACK, "C8 B5", rules="tromp-taylor")
    before = _everything(board)
    other = board.copy()
    assert _everything(other) == before
    for vertex in ["C2", "B8", "C5"]:
        other.play(vertex)
    assert not other.is_legal("B2")
    assert _everything(board) == before
    board.undo()
    board.undo()
    board.play("J9")
    assert other.ply == 5
    other.stones[:] = 0
    assert other.stones.any()


# Points, names and equality


@pytest.mark.parametrize("point", [56, "C3", "c3", (6, 2)])
def test_methods_take_points_vertices_and_pairs(point):
    board = Board(9)
    board.setup([point], [])
    assert board.colour_at(point) == BLACK
    assert board.chain(point) == [6 * 9 + 2]
    assert board.liberties(point) == 4
    assert not board.is_legal(point)
    assert board.owner([point]).sum() == 0
    assert board.score([point]) == -board.komi
    assert board.vertex(point) == "C3"
    other = Board(9)
    other.play(point)
    assert other.moves == [(BLACK, 6 * 9 + 2)]


@pytest.mark.parametrize("point", [(9, 0), (0, -1), (1, 2, 3), 82, -1, "K1", "A10"])
def test_points_off_the_board_have_no_name(point):
    with pytest.raises(GoEngineError):
        Board(9).vertex(point)


def test_a_pass_has_a_name_but_no_colour():
    board = Board(9)
    assert board.vertex(81) == board.vertex("PASS") == "pass"
    for point in (81, "pass"):
        with pytest.raises(GoEngineError, match="off the 9x9 board"):
            board.colour_at(point)


def test_boards_are_equal_if_their_positions_are():
    board, other = Board(9), Board(9)
    for vertex in ("C3", "D4", "E5"):
        board.play(vertex)
    for vertex in ("E5", "D4", "C3"):
        other.play(vertex)
    assert board == other
    other.undo()
    assert board != other
    assert board != "a board"


@pytest.mark.parametrize("settings", [{"size": 13}, {"komi": 6.5}, {"rules": "japanese"}])
def test_boards_with_other_settings_are_not_equal(settings):
    assert Board(**({"size": 9} | settings)) != Board(9)


def test_boards_with_another_player_or_ko_are_not_equal():
    board, other = Board(9), Board(9)
    board.play("pass")
    assert board != other
    ko = board_from(". X O .\nX . X O\n. X O .\n. . . .", WHITE)
    ko.play("B3")
    without_ko = ko.copy()
    without_ko.play("pass")
    without_ko.play("pass")
    assert ko.ko_point is not None
    assert ko != without_ko
    assert (ko.stones == without_ko.stones).all()


def test_boards_are_not_keys():
    with pytest.raises(TypeError, match="unhashable"):
        hash(Board())


# SGF

SGF = "(;SZ[9]KM[6.5]AB[cc]AW[gg];W[ee];B[tt];W[ed](;B[aa])(;B[bb]))"


@pytest.mark.parametrize("plies", [0, 2, 4, None])
def test_a_position_is_read_from_sgf(plies):
    board = Board.from_sgf(SGF, plies=plies)
    assert board.setup_stones == ([20], [60])
    assert [point for _, point in board.moves] == [40, 81, 31, 0][:plies]
    assert (board.size, board.komi) == (9, 6.5)
    assert board.to_play == (WHITE if plies in (0, 2, 4, None) else BLACK)


def test_sgf_comes_as_path_text_or_bytes(tmp_path):
    path = tmp_path / "(1).sgf"
    path.write_text(f"two games\n(;SZ[5];B[aa])\n{SGF}")
    board = Board.from_sgf(SGF)
    assert Board.from_sgf("\ufeff " + SGF) == board
    assert Board.from_sgf(SGF.encode()) == board
    assert Board.from_sgf(path, game=2) == board
    assert Board.from_sgf(str(path), game=2) == board
    assert Board.from_sgf(path, rules="aga").rules == RULES["aga"]


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        ("none.sgf", {}, r"none\.sgf: cannot be read \(No such file"),
        (SGF, {"game": 2}, "SGF: there is no game 2"),
        (SGF, {"game": 0}, "SGF: there is no game 0"),
        (SGF, {"plies": 5}, "no position after 5 plies, the game has 4"),
        (b"", {}, "SGF: there is no game 1"),
        ("(;SZ[9];B[aa];W[zz])", {}, "game 1: bad point: move 2 is off the board"),
        ("(;SZ[9];B[aa];W[aa])", {}, "move 2: White cannot play A9: the point is taken"),
        ("(;SZ[99])", {}, "game 1: board size"),
    ],
)
def test_bad_sgf_is_refused_with_one_sentence(tmp_path, monkeypatch, source, options, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(GoEngineError, match=message) as caught:
        Board.from_sgf(source, **options)
    assert "\n" not in str(caught.value)


def test_positions_before_a_fault_are_read():
    assert Board.from_sgf("(;SZ[9];B[aa];W[zz])", plies=1).ply == 1


# Pictures


def test_a_notebook_shows_stones_coordinates_and_the_last_move():
    board = Board(9)
    for vertex in ("C3", "D4", "E5"):
        board.play(vertex)
    svg = ElementTree.fromstring(board._repr_svg_())
    space = "{http://www.w3.org/2000/svg}"
    circles = svg.findall(f"{space}circle")
    stones = [circle for circle in circles if circle.get("r") == "11"]
    assert len(circles) == 5 + 3 + 1  # star points, stones, the ring of the last move
    assert [stone.get("fill") for stone in stones] == ["#111111", "#fafafa", "#111111"]
    ring = next(circle for circle in circles if circle.get("fill") == "none")
    assert (ring.get("cx"), ring.get("cy")) == (stones[0].get("cx"), stones[0].get("cy"))
    letters = [text.text for text in svg.iter(f"{space}text")]
    assert sorted(letters) == sorted(2 * [*"ABCDEFGHJ", *"123456789"])


def test_the_picture_of_an_empty_board_has_no_stones():
    assert 'r="11"' not in Board(13)._repr_svg_()
    board = Board(13)
    board.play("pass")
    assert 'r="11"' not in board._repr_svg_()
