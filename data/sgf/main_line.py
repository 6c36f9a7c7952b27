"""Reading the main line of one SGF game, with sgfmill's tokeniser."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from goengine.colours import BLACK, WHITE
from goengine.errors import GoEngineError
from goengine.points import MAX_SIZE, MIN_SIZE, parse_vertex, pass_move

Node = dict[str, list[bytes]]

GAME_INFO = ("RU", "DT", "RE", "PB", "PW", "BR", "WR", "EV", "PC", "KM", "HA")
"""Properties that are read from any node of the main line; all others are read from the root only."""


@dataclass(slots=True)
class MainLine:
    """The main line of a game.

    Attributes:
        root: the first value of each property of the root, and of each GAME_INFO property of the main line.
        size: board size.
        colours: the letters B and W of the moves up to the fault.
        points: the points of these moves.
        setup: colour by point of the stones set up before the first move.
        fault: why the moves end before the record does, or "".
    """

    root: Mapping[str, bytes]
    size: int
    colours: bytes = b""
    points: list[int] = field(default_factory=list)
    setup: dict[int, int] = field(default_factory=dict)
    fault: str = ""


def read_main_line(text: bytes) -> MainLine:
    """Read a game's main line, which is the first variation at each branch.

    The text after the main line is ignored. The brackets at its end may be missing, as may the semicolon
    before the root.

    Raises:
        GoEngineError: if the text holds no game, the game is not Go, the board is not square or its size not
            2 to 25, or a setup stone is off the board.
    """
    nodes, fault = _nodes(text)
    root = {name: values[0] for name, values in nodes[0].items()}
    for node in nodes[1:]:
        root |= {name: node[name][0] for name in GAME_INFO if name in node and name not in root}
    size = board_size(root)
    line = MainLine(root, size, fault=fault)
    for node in nodes:
        if any(name in node for name in ("AB", "AW", "AE")):
            if line.points:
                line.fault = f"late setup: stones are set up after move {len(line.points)}"
                break
            _set_up(node, size, line.setup)
        if reason := _play(node, line):
            line.fault = reason
            break
    return line


def board_size(root: Mapping[str, bytes]) -> int:
    """Return the board size that the root's properties name; 19 if they name none.

    Raises:
        GoEngineError: if the game is not Go, or the board is not square or its size not 2 to 25.
    """
    if root.get("GM", b"1").strip().lower() not in (b"1", b"", b"go"):
        raise GoEngineError("not Go: the GM property names another game")
    text = root.get("SZ", b"").strip() or b"19"
    match = _SIZE.fullmatch(text)
    shown = text[:20].decode("ascii", "replace")
    if match and match[2] and int(match[1]) != int(match[2]):
        raise GoEngineError(f"rectangular board: {shown!r}, expected a square one")
    size = int(match[1]) if match else 0
    if not MIN_SIZE <= size <= MAX_SIZE:
        raise GoEngineError(f"board size: {shown!r} is not an integer from {MIN_SIZE} to {MAX_SIZE}")
    return size


_SIZE = re.compile(rb"([0-9]{1,3})(?:\s*[:xX*]\s*([0-9]{1,3}))?")


def _nodes(text: bytes) -> tuple[list[Node], str]:
    """Return the nodes up to the first closing bracket, which ends the main line, and a fault or ""."""
    from sgfmill import sgf_grammar  # see goengine.data.sgf.records

    if start := _NO_SEMICOLON.match(text):
        text = b"(;" + text[start.end() :]
    tokens, end = sgf_grammar.tokenise(text)
    if not tokens:
        raise GoEngineError("no SGF game: this text holds none")
    nodes: list[Node] = []
    values: list[bytes] | None = None
    branch = False
    fault = ""
    for kind, token in tokens:
        if kind == "V":
            if values is None:
                fault = "a value has no property"
                break
            values.append(token)
        elif kind == "I":
            if branch:  # the semicolon after the bracket is missing
                nodes.append({})
                branch = False
            values = nodes[-1].setdefault(token.decode("ascii"), [])
        elif token == b")":
            break
        else:
            values = None
            branch = token == b"("
            if not branch:
                nodes.append({})
    else:
        if rest := text[end:].lstrip():
            shown = rest[:20].decode("ascii", "replace")
            fault = "a value does not end" if rest[0] == ord("[") else f"unexpected {shown!r}"
    if fault:
        moves = sum(bool(node.get("B") or node.get("W")) for node in nodes)
        fault = f"bad SGF: {fault}, after move {moves}"
    return [{name: present for name, present in node.items() if present} for node in nodes], fault


_NO_SEMICOLON = re.compile(rb"\s*\(\s*(?=[A-Z])")


def _play(node: Node, line: MainLine) -> str:
    """Append the move in a node, if it has one; return the fault if it cannot be read, else ""."""
    moves = [(colour, value) for colour in ("B", "W") for value in node.get(colour, ())]
    if not moves:
        return ""
    if len(moves) > 1:
        return f"two moves: one node holds {len(moves)} moves, after move {len(line.points)}"
    colour, value = moves[0]
    point = _point(value, line.size, may_pass=True)
    if point is None:
        return f"bad point: move {len(line.points) + 1} is off the board"
    line.colours += colour.encode()
    line.points.append(point)
    return ""


def _set_up(node: Node, size: int, stones: dict[int, int]) -> None:
    """Apply the setup properties of a node to the stones, a dict from point to colour."""
    for name, colour in (("AB", BLACK), ("AW", WHITE), ("AE", None)):
        for value in node.get(name, []):
            for point in _points(value, size):
                if colour is None:
                    stones.pop(point, None)
                else:
                    stones[point] = colour


def _points(value: bytes, size: int) -> list[int]:
    """Return the points of a setup value: one point, a rectangle given by two corners, or none if empty."""
    if not value.strip():
        return []
    corners = [_point(corner, size) for corner in value.split(b":")]
    if len(corners) > 2 or any(corner is None for corner in corners):
        shown = value[:20].decode("ascii", "replace")
        raise GoEngineError(f"bad point: a setup stone is off the board, {shown!r}")
    rows, columns = zip(*(divmod(corner, size) for corner in corners if corner is not None), strict=True)
    return [
        row * size + column
        for row in range(min(rows), max(rows) + 1)
        for column in range(min(columns), max(columns) + 1)
    ]


def _point(value: bytes, size: int, may_pass: bool = False) -> int | None:
    """Return the point of a value, or None if it is off the board.

    The value has two letters, column and row from the top left, or is a vertex such as ``Q16``, as programs
    wrote it before FF[3].
    """
    word = value.strip()
    if may_pass and (not word or (word == b"tt" and size <= 19)):
        return pass_move(size)
    if len(word) == 2 and word.isalpha():
        column, row = word[0] - ord("a"), word[1] - ord("a")
        return row * size + column if 0 <= column < size and 0 <= row < size else None
    if not _VERTEX.fullmatch(word):
        return None
    try:
        return parse_vertex(word.decode("ascii"), size)
    except GoEngineError:
        return None


_VERTEX = re.compile(rb"[A-Za-z][0-9]{1,2}")
