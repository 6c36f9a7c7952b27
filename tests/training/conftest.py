"""Small tables of random games, and a configuration that trains on them in a second."""

import pytest
from support.example_records import example_records

from goengine.data.table.writer import write_table
from goengine.training.config import TrainConfig


@pytest.fixture(scope="session")
def tables(tmp_path_factory):
    """The folder of the tables 9.parquet, 9-other.parquet and 5.parquet, named by board size."""
    folder = tmp_path_factory.mktemp("tables")
    write_table(folder / "9.parquet", example_records(12, 9))
    write_table(folder / "9-other.parquet", example_records(4, 9))
    write_table(folder / "5.parquet", example_records(4, 5))
    return folder


@pytest.fixture
def config(tables, tmp_path):
    return TrainConfig(
        table=str(tables / "9.parquet"),
        validation=str(tables / "9-other.parquet"),
        out=str(tmp_path / "run"),
        filters=8,
        layers=4,
        batch_size=16,
        positions=16 * 20,
        warmup_steps=4,
        decay=0.35,
        threads=1,
        checkpoint_minutes=0,  # after every step
        validation_positions=50,
    )
