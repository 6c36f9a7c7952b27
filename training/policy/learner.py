"""The policy network as it is trained: with batch normalisation and auxiliary heads, which release removes.

All heads see the features of the last ReLU. Two more policies predict the opponent's reply and the player's
own next move, and are dropped at release; the value head is kept (`goengine.nn.value_head`).
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits as binary_cross_entropy
from torch.nn.functional import cross_entropy, softplus

from goengine.errors import GoEngineError
from goengine.game.planes import NUM_PLANES
from goengine.nn.architectures import policy_layers
from goengine.nn.folding import fold, unfold
from goengine.nn.layers import Shape
from goengine.nn.model_folder import VALUE_PREFIX
from goengine.nn.network import ConvolutionNetwork, PolicyNetwork
from goengine.nn.value_head import Value, ValueHead
from goengine.training.config import TrainConfig
from goengine.training.policy.targets import IGNORED, PolicyBatch


class PolicyOutputs(NamedTuple):
    """What the network gives for B positions.

    Attributes:
      logits -- float32 [B, size * size], the move
      reply, next -- the same for the opponent's reply and the own next move; None without these heads
      value -- `goengine.nn.value_head.Value`; None without that head
    """

    logits: Tensor
    reply: Tensor | None
    next: Tensor | None
    value: Value | None


class PolicyLearner(ConvolutionNetwork):
    """The network of a policy's run.

    Public attributes, next to those of every network:
      size -- the board's
    """

    def __init__(self, size: int, config: TrainConfig):
        """Build the network of the config's settings for a board of that size."""
        specs = policy_layers(config.filters, config.layers, config.normalised)
        super().__init__(specs, Shape(NUM_PLANES, size, size))
        self.size = size
        self._filters, self._layers = config.filters, config.layers
        self.reply = _PointHead(config.filters, size) if config.reply_weight else None
        self.next = _PointHead(config.filters, size) if config.reply_weight else None
        self.value_head = ValueHead(config.filters) if config.value_weight else None

    def forward(self, x: Tensor) -> PolicyOutputs:  # type: ignore[override]
        features = self.features(x)
        return PolicyOutputs(
            self.logits(features),
            self.reply(features) if self.reply is not None else None,
            self.next(features) if self.next is not None else None,
            self.value_head(features) if self.value_head is not None else None,
        )

    def release(self) -> PolicyNetwork:
        """Return the policy to play with: normalisations folded, only the value head kept; on the CPU."""
        policy = PolicyNetwork(self.size, self._filters, self._layers)
        weights = {name: tensor.cpu() for name, tensor in fold(self).items()}
        if self.value_head is not None:
            policy.value_head = ValueHead(self._filters)
            head = self.value_head.state_dict()
            weights |= {VALUE_PREFIX + name: tensor.cpu().clone() for name, tensor in head.items()}
        policy.load_state_dict(weights)
        return policy.eval()

    def start_from(self, policy: PolicyNetwork, inputs: Iterable[Tensor]) -> None:
        """Begin with the weights of a released policy, and those of its value head where it has one.

        inputs: some batches of positions like those to train on, for the normalisations' statistics.

        Raises GoEngineError if the policy is of another shape.
        """
        here = (self.size, self._filters, self._layers)
        there = (policy.config.size, policy.config.filters, policy.config.layers)
        if here != there:
            raise GoEngineError(
                "the run's board size, filters and layers are {}, {} and {}, those of the model to start "
                "from {}, {} and {}".format(*here, *there)
            )
        unfold(self, policy.state_dict(), inputs)
        if self.value_head is not None and policy.value_head is not None:
            self.value_head.load_state_dict(policy.value_head.state_dict())


class _PointHead(nn.Module):
    """A policy on the features: a 1x1 convolution to one channel with a bias for each point, in float32."""

    def __init__(self, filters: int, size: int):
        super().__init__()
        self.convolution = nn.Conv2d(filters, 1, 1, bias=False)
        self.bias = nn.Parameter(torch.zeros(size * size))
        nn.init.zeros_(self.convolution.weight)

    def forward(self, features: Tensor) -> Tensor:
        with torch.autocast(features.device.type, enabled=False):
            return self.convolution(features.float()).flatten(1) + self.bias


def policy_losses(outputs: PolicyOutputs, batch: PolicyBatch, device: torch.device) -> dict[str, Tensor]:
    """Return each head's loss, summed over the batch: policy, reply, next, winner, score, owner.

    A head without a target for a sample adds nothing for it.

    policy, reply, next: cross-entropy in nats. winner: binary cross-entropy of the winner. score: the
    negative log-likelihood of a counted game's score under the predicted logistic distribution. owner: binary
    cross-entropy of each point's owner, averaged over the points.
    """

    def here(array) -> Tensor:
        return torch.from_numpy(array).to(device, non_blocking=True)

    losses = {"policy": cross_entropy(outputs.logits, here(batch.target), reduction="sum")}
    for name, logits, target in (("reply", outputs.reply, batch.reply), ("next", outputs.next, batch.next)):
        if logits is not None:
            losses[name] = cross_entropy(logits, here(target), ignore_index=IGNORED, reduction="sum")
    if (value := outputs.value) is None:
        return losses
    black, won, score = here(batch.black), here(batch.won), here(batch.score)
    known = ~won.isnan()
    entropy = binary_cross_entropy(
        value.win_logits(black, here(batch.komi)), won.nan_to_num(), reduction="none"
    )
    losses["winner"] = (entropy * known).sum()
    counted = ~score.isnan()
    spread = value.spread_of(black)
    error = (score.nan_to_num() - value.score_of(black)) / spread
    losses["score"] = ((error + 2 * softplus(-error) + spread.log()) * counted).sum()
    owned = here(batch.owned)  # 0 the opponent's, 1 nobody's, 2 the player's; 255 unknown
    seen = owned[:, 0] != 255
    entropy = binary_cross_entropy(value.owner, owned.float().clamp(max=2) / 2, reduction="none").mean(dim=1)
    losses["owner"] = (entropy * seen).sum()
    return losses


def loss_weights(config: TrainConfig) -> Mapping[str, float]:
    """Return the weight of each loss of `policy_losses`."""
    return {
        "policy": 1.0,
        "reply": config.reply_weight,
        "next": config.reply_weight,
        "winner": config.value_weight,
        "score": config.score_weight,
        "owner": config.owner_weight,
    }
