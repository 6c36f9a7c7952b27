"""The value head: predicts the score, the winner and the final owner of each point."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from goengine.nn.model_folder import VALUE_CHANNELS, VALUE_UNITS

_SCORE_UNIT = 20.0  # points: brings the last layer's outputs near 1
_LEAST_SPREAD = 1.0  # points


class Value(NamedTuple):
    """The prediction of a value head for a batch of positions, seen by the player to move.

    Attributes:
        owner: float32 [B, size * size], logits that the player will own the point.
        score: float32 [B, 2], the expected score on the board without komi, in points, if the player is Black
            and if the player is White.
        spread: float32 [B, 2], the scale of the logistic distribution around that score, in points.
    """

    owner: Tensor
    score: Tensor
    spread: Tensor

    def win_logits(self, black: Tensor, komi: Tensor) -> Tensor:
        """Return the logits, float32 [B], that the player to move wins.

        The score has a logistic distribution, so the probability that it exceeds komi is a logistic function
        of the difference: a higher komi always lowers Black's winrate.

        Args:
            black: bool [B], whether the player to move is Black.
            komi: float32 [B], in points.
        """
        ahead = self.score_of(black) - torch.where(black, komi, -komi)
        return ahead / self.spread_of(black)

    def score_of(self, black: Tensor) -> Tensor:
        """Return the expected score of the player to move, float32 [B]; black: bool [B]."""
        return torch.where(black, self.score[:, 0], self.score[:, 1])

    def spread_of(self, black: Tensor) -> Tensor:
        """Return the scale of the score of the player to move, float32 [B]; black: bool [B]."""
        return torch.where(black, self.spread[:, 0], self.spread[:, 1])


class ValueHead(nn.Module):
    """A head that predicts ownership and score from a policy's features.

    A 1x1 convolution gives a few channels. From these and their means over the board, another 1x1 convolution
    gives the ownership of each point. The score is the sum of the ownership and a correction, which a hidden
    layer computes from the channels' means and from their means weighted by ownership. It computes in
    float32, on a board of any size.
    """

    def __init__(self, filters: int) -> None:
        """Build a head for features with that number of filters."""
        super().__init__()
        self.reduce = nn.Conv2d(filters, VALUE_CHANNELS, 1)
        self.owner = nn.Conv2d(2 * VALUE_CHANNELS, 1, 1)
        self.hidden = nn.Linear(2 * VALUE_CHANNELS, VALUE_UNITS)
        self.score = nn.Linear(VALUE_UNITS, 4)
        for last in (self.owner, self.score):  # before training, predicts an even game
            for parameter in last.parameters():
                nn.init.zeros_(parameter)

    def forward(self, features: Tensor) -> Value:
        """Return the prediction for the features of the last ReLU, [B, filters, size, size]."""
        with torch.autocast(features.device.type, enabled=False):
            x = torch.relu(self.reduce(features.float()))
            mean = x.mean(dim=(2, 3))
            wide = torch.cat([x, mean[:, :, None, None].expand_as(x)], dim=1)
            owner = self.owner(wide).flatten(1)
            sides = torch.tanh(owner / 2)  # expected owner: 1 the player, -1 the opponent
            owned = (x.flatten(2) * sides[:, None]).mean(dim=2)
            out = self.score(torch.relu(self.hidden(torch.cat([mean, owned], dim=1))))
            score = sides.sum(dim=1, keepdim=True) + _SCORE_UNIT * out[:, :2]
            spread = _LEAST_SPREAD + _SCORE_UNIT * nn.functional.softplus(out[:, 2:])
            return Value(owner, score, spread)
