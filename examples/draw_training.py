"""Draw the learning curve of a policy's run, and how its value head answers to komi, for the docs.

    python examples/draw_training.py RUN GAMES OUT [--seen N]

Writes OUT/learning-curve.png, the run's validation accuracy with RocAlphaGo's for reference, and
OUT/komi.png, the winrate of Black on positions of GAMES for komi from -40 to 60. `--seen` is how many
positions the model that the run started from had seen.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, PercentFormatter

from goengine.data.samples import encode_batch, fixed_sample
from goengine.data.table.load import load_games
from goengine.drawing.charts import Chart, charts_png
from goengine.drawing.palette import BACKGROUND, FIRST
from goengine.game.board import BLACK
from goengine.policy.torch_policy import TorchPolicy
from goengine.training.policy.release import network_of
from goengine.training.run_log import RunLog, read_run_log

# Validation accuracy by positions seen, in millions: RocAlphaGo's supervised policy of 13 layers, k = 96,
# plain SGD on KGS games (https://github.com/Rochester-NRT/RocAlphaGo).
ROCALPHAGO = {4: 0.435, 8: 0.454, 20: 0.477, 40: 0.495, 80: 0.509, 160: 0.521, 556: 0.542}

POSITIONS = 2000  # of the komi curve
PLIES = (60, 120, 180, 240)  # a curve for the positions up to each of them


def learning_curve(run: RunLog, seen: int) -> Chart:
    """Return the chart of a run's validation accuracy; `seen` positions came before it."""

    def draw(axes: Axes) -> None:
        axes.plot(
            list(ROCALPHAGO),
            list(ROCALPHAGO.values()),
            "o--",
            color=BACKGROUND,
            label="RocAlphaGo, k = 96, SGD",
        )
        axes.plot(
            (run.validation.samples + seen) / 1e6,
            run.validation.top1,
            "o-",
            color=FIRST,
            label="this run",
        )
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
        axes.set_xlabel("positions seen, millions")
        axes.set_ylabel("top-1 accuracy on held-out games")
        axes.yaxis.set_major_formatter(PercentFormatter(xmax=1, decimals=0))
        axes.legend(frameon=False)

    return Chart("Learning curve", draw)


def komi_curve(policy: TorchPolicy, games_path: Path) -> Chart:
    """Return the chart of Black's mean winrate for each komi, by how far the games are."""
    games = load_games(games_path, policy.size)
    game, ply = fixed_sample(games, POSITIONS, seed=0)
    batch = encode_batch(games, game, ply, np.zeros(len(game), np.uint8))
    black = (games.first_player[game] == BLACK) ^ (ply % 2 == 1)
    komi = np.arange(-40, 61, 5)
    value = policy.evaluate(batch.packed, black, np.zeros(len(game), np.float32))
    ahead = np.where(black, value.scores, -value.scores)  # Black's points minus White's
    by_komi = 1 / (1 + np.exp(-(ahead - komi[:, None]) / value.spreads))

    def draw(axes: Axes) -> None:
        start = 0
        for end in PLIES:
            inside = (ply >= start) & (ply < end)
            axes.plot(
                komi,
                by_komi[:, inside].mean(axis=1),
                marker="o",
                markersize=3,
                label=f"plies {start}-{end - 1}",
            )
            start = end
        axes.set_xlabel("komi, points for White")
        axes.set_ylabel("mean winrate of Black")
        axes.yaxis.set_major_formatter(PercentFormatter(xmax=1, decimals=0))
        axes.legend(frameon=False)

    return Chart("Winrate and komi", draw)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("run", type=Path, help="the folder of the run")
    parser.add_argument("games", type=Path, help="held-out games: a table or SGF")
    parser.add_argument("out", type=Path, help="the folder to write to")
    parser.add_argument("--seen", type=int, default=0, help="positions seen before the run")
    options = parser.parse_args()
    (options.out / "learning-curve.png").write_bytes(
        charts_png([learning_curve(read_run_log(options.run), options.seen)])
    )
    policy = TorchPolicy(network_of(str(options.run)), "run", torch.float32)
    (options.out / "komi.png").write_bytes(charts_png([komi_curve(policy, options.games)]))


if __name__ == "__main__":
    main()
