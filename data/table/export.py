"""Game tables as SGF files, of which the same tables are built."""

from pathlib import Path

from goengine.data.sgf.records import record_to_sgf
from goengine.data.table.table import GameTable
from goengine.util.files import whole_file, whole_folder


def export_table(table: GameTable, out: Path) -> int:
    """Write all games to one collection, where `out` ends in .sgf, else to a folder of files named by row.

    A table that is built of them is the same but for the columns `source` and `index`. Returns how many
    games were written.

    Raises GoEngineError if the files cannot be written, or the folder holds something already.
    """
    if out.suffix == ".sgf":
        with whole_file(out) as partial, partial.open("wb") as file:
            file.writelines(map(record_to_sgf, table.records()))
    else:
        digits = len(str(len(table) - 1))
        with whole_folder(out) as partial:
            for row, record in enumerate(table.records()):
                (partial / f"{row:0{digits}d}.sgf").write_bytes(record_to_sgf(record))
    return len(table)
