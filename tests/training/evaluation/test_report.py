"""Reports of an evaluation: JSON, tables, pages and pictures."""

import base64
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread

from goengine.data.table.players import Players
from goengine.drawing.report_page import check_report
from goengine.errors import GoEngineError
from goengine.training.evaluation import charts
from goengine.training.evaluation.evaluate import Evaluation, Measurement
from goengine.training.evaluation.report import (
    Subject,
    as_dict,
    footnote,
    group_rows,
    player_tables,
    summary_rows,
    write_report,
)
from goengine.training.metrics import TOP_K, Predictions
from goengine.training.run_log import Curve, RunLog

SUBJECT = Subject("models/<mine>", "place/test.sgf", "PyTorch, float32 on cpu", "0123456789abcdef")


def measurement(symmetries, seconds=2.0, count=400):
    random = np.random.default_rng(symmetries)
    best = random.uniform(0.1, 1, count).astype(np.float32)
    rank = np.where(random.random(count) < best, 0, random.integers(1, 12, count))
    game, ply = np.divmod(np.arange(count), 200)
    return Measurement(symmetries, Predictions(rank, best / (1 + rank), best, game, ply), seconds)


@pytest.fixture
def single():
    return Evaluation(2, 19, 7, measurement(1), None)


@pytest.fixture
def both():
    return Evaluation(2, 19, 7, measurement(1), measurement(8, seconds=16.0))


@pytest.fixture
def run():
    at = np.arange(1, 101) * 1000
    curve = Curve(at, 6 / np.sqrt(at / 100), 1 - 1 / np.sqrt(at / 100))
    return RunLog("run-3", "positions", curve, Curve(at[9::10], curve.loss[9::10], curve.top1[9::10]))


class Page(HTMLParser):
    """The pictures, tables (lists of rows of cells) and headings of a page; fails at a tag left open."""

    def __init__(self, text):
        super().__init__()
        self.pictures, self.tables, self.headings, self.open = {}, [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        if tag == "img":
            self.pictures[dict(attrs)["alt"]] = dict(attrs)["src"]
        if tag not in ("img", "meta", "br"):
            self.open.append(tag)
        if tag == "table":
            self.tables.append([])
        if tag == "tr":
            self.tables[-1].append([])
        if tag in ("th", "td"):
            self.tables[-1][-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("th", "td"):
            self.tables[-1][-1][-1] += data
        if self.open and self.open[-1] in ("h1", "h2"):
            self.headings.append(data)


def test_json_has_the_metrics_of_one_pass(single):
    report = json.loads(json.dumps(as_dict(SUBJECT, single)))
    made = single.single.predictions
    assert {name: report[name] for name in ("model", "games", "positions", "seed", "symmetries")} == {
        "model": "models/<mine>",
        "games": "place/test.sgf",
        "positions": 400,
        "seed": 7,
        "symmetries": 1,
    }
    for k in TOP_K:
        assert report[f"top{k}"] == pytest.approx((made.rank < k).mean())
    assert report["loss"] == pytest.approx(-np.log(made.played).mean(), rel=1e-5)
    low, high = report["top1_interval"]
    assert low < report["top1"] < high
    assert report["positions_per_second"] == 200
    assert [phase["name"] for phase in report["phases"]] == ["opening", "middle", "endgame"]
    assert [phase["last_move"] for phase in report["phases"]] == [50, 150, None]
    assert len(report["move_numbers"]) == 10
    assert sum(b["positions"] for b in report["calibration"]["bins"]) == 400
    assert 0 <= report["calibration"]["expected_error"] < 0.1
    assert "Wilson" in report["interval_method"]
    assert "single_pass" not in report


def test_an_ensemble_is_reported_with_its_single_pass(single, both):
    report = as_dict(SUBJECT, both)
    assert report["symmetries"] == 8
    assert report["top1"] == (both.ensemble.predictions.rank == 0).mean()
    alone = as_dict(SUBJECT, single)
    assert report["single_pass"] == {name: alone[name] for name in report["single_pass"]}
    heading, top1, *_ = summary_rows(both)
    assert heading == ["", "one pass", "mean of 8"]
    assert top1 == ["top-1", f"{alone['top1']:.2%}", f"{report['top1']:.2%}"]


def test_groups_are_phases_then_move_numbers(single):
    assert [row[0] for row in group_rows(single)[1:5]] == [
        "opening (1-50)",
        "middle (51-150)",
        "endgame (from 151)",
        "1-20",
    ]


def test_a_page_contains_its_pictures_and_tables(both, run, tmp_path):
    write_report(tmp_path / "r.html", SUBJECT, both, run)
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    page = Page(text)
    titles = ["Accuracy by move number", "Calibration", "Top-k accuracy"]
    titles += ["Cross-entropy of run-3", "Top-1 accuracy of run-3"]
    assert list(page.pictures) == titles
    for source in page.pictures.values():
        content = base64.b64decode(source.removeprefix("data:image/png;base64,"), validate=True)
        picture = imread(io.BytesIO(content), format="png")
        assert picture.shape[0] > 300
        assert picture[:, :, :3].std() > 0.02
    assert page.tables[0] == summary_rows(both)
    assert page.tables[1] == group_rows(both)
    assert page.headings[0] == "models/<mine> on test.sgf"
    assert not re.search(r'(?:src|href)="(?!data:)', text)  # it needs no other file


def test_ranks_and_players_are_in_every_report(single, tmp_path):
    assert player_tables(single) == []
    assert (as_dict(SUBJECT, single)["ranks"], as_dict(SUBJECT, single)["players"]) == ([], [])
    names = np.array(["Ann & Bo", ""] * 200, object)
    ranks = np.where(np.arange(400) < 100, np.float32(3), np.float32(np.nan))
    result = replace(single, moving=Players(names, ranks), player="Ann")
    rank_rows, player_rows = player_tables(result)
    assert [row[:2] for row in rank_rows[1:]] == [["3d", "100"], ["unknown", "300"]]
    assert [row[:2] for row in player_rows[1:]] == [["Ann & Bo", "200"]]
    report = as_dict(SUBJECT, result)
    assert [group["name"] for group in report["ranks"]] == ["3d", "unknown"]
    assert report["players"][0]["top1"] == (single.single.predictions.rank[::2] == 0).mean()
    assert report["player"] == "Ann"
    assert "(moves of Ann)" in footnote(SUBJECT, result)
    write_report(tmp_path / "r.html", SUBJECT, result)
    assert Page((tmp_path / "r.html").read_text(encoding="utf-8")).tables[2:4] == [rank_rows, player_rows]


def test_a_page_without_a_run_has_no_learning_curves(single, tmp_path):
    write_report(tmp_path / "r.html", SUBJECT, single)
    assert len(Page((tmp_path / "r.html").read_text(encoding="utf-8")).pictures) == 3


def test_a_picture_grows_with_its_charts(single, run, tmp_path):
    heights = []
    for log in (None, run):
        write_report(tmp_path / "r.png", SUBJECT, single, log)
        heights.append(imread(tmp_path / "r.png").shape[0])
    assert heights[1] == pytest.approx(1.5 * heights[0], rel=0.01)
    assert [path.name for path in tmp_path.iterdir()] == ["r.png"]


def drawn(chart):
    axes = Figure().add_subplot()
    chart.draw(axes)
    return axes


def test_the_charts_show_the_metrics(both, run):
    moves, reliability, top, loss, top1 = map(
        drawn, [*charts.evaluation_charts(both), *charts.learning_charts(run)]
    )
    report = as_dict(SUBJECT, both)
    for line, figures in zip(moves.lines, (report["single_pass"], report), strict=True):
        assert list(line.get_ydata()) == [group["top1"] for group in figures["move_numbers"]]
    for line, figures in zip(reliability.lines[1:], (report["single_pass"], report), strict=True):
        bins = figures["calibration"]["bins"]
        assert list(line.get_xdata()) == [b["confidence"] for b in bins]
        assert list(line.get_ydata()) == [b["accuracy"] for b in bins]
    heights = [bar.get_height() for bar in top.patches]
    assert heights == [f[f"top{k}"] for f in (report["single_pass"], report) for k in TOP_K]
    for axes, values in ((loss, run.training.loss), (top1, run.training.top1)):
        np.testing.assert_array_equal(axes.lines[0].get_ydata(), values)
        window = np.convolve(values, np.ones(3) / 3, mode="valid")
        np.testing.assert_allclose(axes.lines[1].get_ydata(), window)
        assert axes.lines[2].get_label() == "validation"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("r.pdf", "r.pdf: a report is an .html or a .png file"),
        ("r", "a report is"),
        ("no/r.png", "there is no folder"),
    ],
)
def test_bad_report_names_are_refused(tmp_path, name, message):
    with pytest.raises(GoEngineError, match=message):
        check_report(tmp_path / name)
