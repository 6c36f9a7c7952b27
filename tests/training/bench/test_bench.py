"""Benchmarks measure what they name; the speeds themselves are not tested."""

import itertools
import re
import sys
import time
from dataclasses import replace

import numpy as np
import pytest
import torch
from support.example_records import random_record
from torch import nn

from goengine.data.sgf.records import record_to_sgf
from goengine.data.table.game_table import GameTable
from goengine.errors import GoEngineError
from goengine.nn.network import ConvolutionNetwork, PolicyNetwork
from goengine.nn.value_head import ValueHead
from goengine.training.bench import data, infer, measure, rules, start, train
from goengine.training.bench.measure import Figure, Report, Task, describe_machine
from goengine.training.policy.task import PolicyTask
from goengine.training.prefetch import prefetch
from goengine.training.run import Run
from goengine.util.threads import torch_threads

BRIEF = 0.001  # seconds: every task once a round


@pytest.fixture
def games(tables):
    return GameTable.open(tables / "9.parquet").games


def names(report):
    return [figure.name for figure in report.figures]


# Data


@pytest.mark.long
def test_reading_is_compared_with_sgfmill(tmp_path, monkeypatch):
    path = tmp_path / "games.sgf"
    path.write_bytes(b"".join(record_to_sgf(random_record(seed, 19)) for seed in range(6)))
    monkeypatch.setattr("goengine.data.table.tasks.TASK_GAMES", 2)
    report = data.bench_build(path, BRIEF)
    assert names(report)[0] == "from files to columns"
    assert report.reference.startswith("sgfmill")
    assert all(figure.rate > 0 for figure in report.figures)
    (tmp_path / "none.sgf").write_bytes(b"none")
    with pytest.raises(GoEngineError, match="no game to measure"):
        data.bench_build(tmp_path / "none.sgf", BRIEF)


def test_drawing_is_compared_with_the_encoder(tables, monkeypatch):
    monkeypatch.setattr(data, "BATCH", 8)
    games, said = data.open_table(tables / "9.parquet")
    report = data.bench_samples(games, said, BRIEF)
    assert "12 games" in report.notes[0]
    assert re.search(r"opened in \d+\.\d\d s, the first sample after \d+\.\d\d s", report.notes[0])
    assert names(report)[-2:] == [
        report.reference,
        report.reference.replace("the encoder alone", "the sampler"),
    ]


# Measuring


def test_tasks_take_turns_and_the_first_does_not_count():
    done = []
    ticks = itertools.count()

    def task(name, units):
        def run():
            done.append(name)
            return units

        return Task(name, run, lambda: float(next(ticks)))

    figures = measure.measure([task("a", 3), task("b", 5)], seconds=1e-9, rounds=2)
    assert done == ["a", "b"] * 3
    assert figures == (Figure("a", (3.0, 3.0)), Figure("b", (5.0, 5.0)))


def test_a_task_repeats_until_its_time_is_over():
    runs = []

    def run():
        time.sleep(0.002)
        runs.append(1)
        return 1

    measure.measure([Task("a", run)], seconds=0.1, rounds=2)
    assert len(runs) > 5


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf")])
def test_bad_times_are_refused(seconds):
    with pytest.raises(GoEngineError, match=r"the time to measure is .* seconds; expected a positive number"):
        measure.measure([], seconds)


def test_a_report_compares_medians_with_the_reference():
    report = Report("t", "move", (Figure("a", (1.0, 30.0, 20.0)), Figure("b", (5.0, 5.0, 4.0))), "b")
    assert report.figures[0].rate == 20
    assert report.ratio(report.figures[0]) == 4
    assert report.as_dict() == {
        "title": "t",
        "unit": "move",
        "reference": "b",
        "notes": [],
        "figures": [
            {"name": "a", "rate": 20, "seconds": 0.05, "times_reference": 4, "rounds": [1, 30, 20]},
            {"name": "b", "rate": 5, "seconds": 0.2, "times_reference": 1, "rounds": [5, 5, 4]},
        ],
    }


def test_the_machine_is_described():
    machine = describe_machine()
    assert machine["processor"]
    assert machine["cores"] >= 1


# Rules and planes


@pytest.mark.parametrize("bench", [rules.bench_encode, rules.bench_play])
def test_rules_and_planes_are_compared_with_sgfmill(games, bench):
    report = bench(games, BRIEF)
    assert report.reference in names(report)
    assert "sgfmill" in report.reference
    assert all(figure.rate > 0 for figure in report.figures)
    assert "12 games" in report.notes[0]  # setup stones and White's first move among them


def test_the_number_of_positions_limits_the_games(games):
    report = rules.bench_play(games, BRIEF, positions=60)
    assert "2 games, 61 positions" in report.notes[0]


def test_the_references_play_every_move(games):
    moves = len(games.moves)
    assert rules._board_replay(games)() == moves
    assert rules._sgfmill_replay(games)() == moves - int((games.moves == 81).sum())


def test_groups_of_eight_are_of_one_game_in_order(games):
    rows = rules._in_eights(games, np.random.default_rng(1))
    eights = [values.reshape(-1, rules.PER_REPLAY) for values in (rows.game, rows.ply, rows.symmetry)]
    assert (eights[0] == eights[0][:, :1]).all()
    assert (np.diff(eights[1]) >= 0).all()
    assert (eights[2] == eights[2][:, :1]).all()


def test_random_positions_are_a_permutation_of_all(games):
    rows = rules._at_random(games, np.random.default_rng(1))
    places = set(zip(rows.game.tolist(), rows.ply.tolist(), strict=True))
    assert len(places) == len(rows.game) == int((games.moves < 81).sum())


@pytest.mark.parametrize("bench", [rules.bench_encode, rules.bench_play])
def test_illegal_games_are_refused(games, bench):
    moves = games.moves.copy()
    moves[1] = moves[0]
    with pytest.raises(GoEngineError, match="game 0 has an illegal move"):
        bench(replace(games, moves=moves), BRIEF)


# Inference


@pytest.fixture
def network():
    torch.manual_seed(1)
    network = PolicyNetwork(9, filters=4, layers=3)
    for parameter in network.parameters():
        nn.init.normal_(parameter, std=0.15)
    return network


def test_a_policy_is_compared_with_the_faster_plain_pass(network):
    report = infer.bench_infer(network, "test", BRIEF)
    plain = [figure for figure in report.figures if figure.name.startswith("plain ")]
    assert {name.partition(",")[0] for name in names(report)} >= {"plain float32", "plain bf16 channels_last"}
    assert report.figure(report.reference).rate == max(figure.rate for figure in plain)
    assert infer.CHOSEN in names(report)
    assert infer.MOVE in names(report)
    assert infer.ONNX in names(report)
    assert any(note.startswith("a move takes ") for note in report.notes)


@pytest.mark.long
def test_the_overhead_of_a_move_excludes_the_policys_time(network, monkeypatch):
    class Slow(infer.TorchPolicy):
        def _average(self, packed, symmetries):
            time.sleep(0.05)
            return super()._average(packed, symmetries)

    monkeypatch.setattr(infer, "TorchPolicy", Slow)
    notes = infer.bench_infer(network, "test", BRIEF).notes
    (note,) = (note for note in notes if note.startswith("a move takes "))
    assert 0 < float(note.split()[3]) < 50


def test_one_thread_is_measured_in_processor_time(network):
    with torch_threads(2):
        report = infer.bench_infer(network, "test", BRIEF, one_thread=True)
        assert torch.get_num_threads() == 2
    assert not any("2 threads" in text for text in (*names(report), *report.notes))
    assert report.title.endswith("processor time")
    assert "ONNX Runtime uses 1 thread" in report.notes


def test_a_missing_onnx_runtime_is_noted(network, monkeypatch):
    monkeypatch.setattr(infer, "has_onnx", lambda: False)
    report = infer.bench_infer(network, "test", BRIEF)
    assert infer.ONNX not in names(report)
    assert "onnx is not installed" in report.notes[-1]


def test_the_plain_pass_computes_the_policy(network):
    network.value_head = ValueHead(network.filters)  # is left out
    planes = torch.rand(3, 48, 9, 9).round()
    with torch.no_grad():
        expected = torch.softmax(network(planes), dim=1)
        torch.testing.assert_close(infer.PlainPolicy(network)(planes), expected)


# Training


def test_training_is_measured_in_parts_and_as_a_whole(config, games):
    report = train.bench_train(config, games, BRIEF)
    assert names(report) == [train.SAMPLES, train.NETWORK, train.PIPELINE]
    assert report.reference == train.NETWORK
    assert "waits for samples for" in report.notes[2]
    assert report.utilisation.keys() == {train.NETWORK, train.PIPELINE}
    assert all(share > 0 for share in report.utilisation.values())
    assert "mfu" in report.as_dict()["figures"][1]


def test_measuring_training_restores_the_threads(config, games):
    with torch_threads(2):
        train.bench_train(config.replace(threads=1), games, BRIEF)
        assert torch.get_num_threads() == 2


def test_batch_sizes_are_compared(config, games):
    report = train.bench_sweep(config, games, [4, 8], ["off"], BRIEF)
    assert names(report) == ["4 positions a step", "8 positions a step"]
    assert report.figure(report.reference).rate == max(figure.rate for figure in report.figures)
    assert report.utilisation.keys() == set(names(report))


def test_batches_beyond_memory_are_noted(config, games, monkeypatch):
    step = Run.train_step

    def small_memory(run, batch):
        if len(batch.target) > 4:
            raise torch.OutOfMemoryError
        return step(run, batch)

    monkeypatch.setattr(Run, "train_step", small_memory)
    report = train.bench_sweep(config, games, [4, 8], ["off"], BRIEF)
    assert names(report) == ["4 positions a step"]
    assert "8 positions a step: does not fit in memory" in report.notes
    with pytest.raises(GoEngineError, match=r"nothing could be measured: .* does not fit in memory"):
        train.bench_sweep(config, games, [8], ["off"], BRIEF)


@pytest.mark.long  # imports the compiler
def test_networks_that_cannot_be_compiled_are_noted(config, games, monkeypatch):
    from torch._dynamo.exc import TorchDynamoException

    def fail(_, **__):
        raise TorchDynamoException("no C++ compiler\nand so on")

    monkeypatch.setattr(ConvolutionNetwork, "compile", fail)
    lines = []
    report = train.bench_sweep(config, games, [4], ["off", "on"], BRIEF, lines.append)
    assert names(report) == ["4 positions a step"]
    assert "4 positions a step, compiled: no C++ compiler" in report.notes
    assert [line.partition(":")[0] for line in lines] == [
        "4 positions a step",
        "4 positions a step, compiled",
    ]


def test_batches_drawn_ahead_are_skipped(config, games):
    task = PolicyTask(config, games)
    with prefetch(task, 0, 4, torch.device("cpu")) as batches:
        ahead = len(batches._ahead)
        batches.skip_drawn()
        np.testing.assert_array_equal(next(batches).target, task.batch(ahead, 4).target)


def test_the_reference_is_measured_between_the_rounds(config, games, monkeypatch):
    class Reference:
        count = 0
        flops = 1e12

        def measure(self):
            self.count += 1

    reference = Reference()
    monkeypatch.setattr(train, "matrix_rate", lambda *_: reference)
    train.bench_train(config, games, BRIEF)
    assert reference.count == 3 * measure.ROUNDS
    train.bench_sweep(config, games, [4], ["off"], BRIEF)
    assert reference.count > 3 * measure.ROUNDS


# Starting


def test_an_engine_is_stopped_after_its_answer():
    engine = "import time; print('= ' + input(), flush=True); time.sleep(60)"
    assert start._until_answer([sys.executable, "-c", engine], "name") == 1


def test_an_engine_that_does_not_answer_is_named():
    engine = "import sys; sys.exit('no model here')"
    with pytest.raises(GoEngineError, match="did not answer name: no model here"):
        start._until_answer([sys.executable, "-c", engine], "name")
