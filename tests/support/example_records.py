"""Small legal game records for tests of the data's way."""

from goengine.data.sgf.records import GameRecord
from goengine.game.board import Board
from support.random_games import random_attempts


def random_record(seed: int, size: int = 9, length: int = 40, **fields: object) -> GameRecord:
    """A random legal game, with a pass now and then."""
    board = Board(size)
    for point in random_attempts(size, 10 * length, seed):
        if board.ply < length and board.is_legal(point):
            board.play(point)
    moves = tuple(point for _, point in board.moves)
    return GameRecord(size=size, moves=moves, source=f"random-{seed}", **fields)  # type: ignore[arg-type]


def example_records(count: int = 12, size: int = 9) -> list[GameRecord]:
    """Random games, the last with setup stones and White to begin."""
    records = [
        random_record(
            seed, size, 30 + seed, komi=6.5, date=f"20{10 + seed % 3}-01-01", result="B+R", index=seed
        )
        for seed in range(count - 1)
    ]
    handicap = GameRecord(
        size=size,
        moves=(size + 1, size * size, 2 * size + 2),
        first_player=2,
        setup_black=(0, size * size - 1),
        setup_white=(5,),
        handicap=2,
        black_name="Ann 安",
        black_rank="3k",
        white_rank="5d",
        source="handicap",
        index=count - 1,
    )
    return [*records, handicap]
