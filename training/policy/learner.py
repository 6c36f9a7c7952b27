"""The policy network in training: with batch normalisation and auxiliary heads, which release removes.

The input of every head is the features of the last ReLU. Two auxiliary policies predict the opponent's reply
and the player's next move, and are dropped at release; the value head (`goengine.nn.value_head`) is kept.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import torch
from numpy.typing import NDArray
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
from goengine.training.policy.targets import IGNORED, UNKNOWN_OWNER, PolicyBatch


class PolicyOutputs(NamedTuple):
    """The outputs of the network for B positions.

    Attributes:
        logits: Logits of the move, float32 [B, size * size].
        reply: Logits of the opponent's reply, of the same shape; None without this head.
        next: Logits of the player's next move, of the same shape; None without this head.
        value: The prediction of the value head; None without this head.
    """

    logits: Tensor
    reply: Tensor | None
    next: Tensor | None
    value: Value | None


class PolicyLearner(ConvolutionNetwork):
    """The network that a policy's run trains.

    Attributes:
        size: The board size.
        reply: The head for the opponent's reply; None if its weight is 0.
        next: The head for the player's next move; None if its weight is 0.
        value_head: The value head; None if its weight is 0.
    """

    def __init__(self, size: int, config: TrainConfig) -> None:
        """Build the network.

        Args:
            size: The board size.
            config: The settings of the network and the weights of the losses.
        """
        specs = policy_layers(config.filters, config.layers, config.normalised)
        super().__init__(specs, Shape(NUM_PLANES, size, size))
        self.size = size
        self._filters, self._layers = config.filters, config.layers
        self.reply = _PointHead(config.filters, size) if config.reply_weight else None
        self.next = _PointHead(config.filters, size) if config.reply_weight else None
        self.value_head = ValueHead(config.filters) if config.value_weight else None

    def forward(self, x: Tensor) -> PolicyOutputs:  # type: ignore[override]
        """Return the outputs of all heads for planes, [B, 48, size, size]."""
        features = self.features(x)
        return PolicyOutputs(
            self.logits(features),
            self.reply(features) if self.reply is not None else None,
            self.next(features) if self.next is not None else None,
            self.value_head(features) if self.value_head is not None else None,
        )

    def release(self) -> PolicyNetwork:
        """Return the policy on the CPU, with normalisations folded and no head but the value head."""
        policy = PolicyNetwork(self.size, self._filters, self._layers)
        weights = {name: tensor.cpu() for name, tensor in fold(self).items()}
        if self.value_head is not None:
            policy.value_head = ValueHead(self._filters)
            head = self.value_head.state_dict()
            weights |= {VALUE_PREFIX + name: tensor.cpu().clone() for name, tensor in head.items()}
        policy.load_state_dict(weights)
        return policy.eval()

    def start_from(self, policy: PolicyNetwork, inputs: Iterable[Tensor]) -> None:
        """Copy the weights of a released policy, and of its value head if both have one.

        Args:
            policy: The policy.
            inputs: Batches of positions like those to train on, for the statistics of the normalisations.

        Raises:
            GoEngineError: If the policy has another board size, number of filters or number of layers.
        """
        own = (self.size, self._filters, self._layers)
        other = (policy.config.size, policy.config.filters, policy.config.layers)
        if own != other:
            raise GoEngineError(
                "the model to start from has board size {}, {} filters and {} layers; "
                "the run has board size {}, {} filters and {} layers".format(*other, *own)
            )
        unfold(self, policy.state_dict(), inputs)
        if self.value_head is not None and policy.value_head is not None:
            self.value_head.load_state_dict(policy.value_head.state_dict())


class _PointHead(nn.Module):
    """A policy head: a 1x1 convolution to one channel with a bias for each point, in float32."""

    def __init__(self, filters: int, size: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(filters, 1, 1, bias=False)
        self.bias = nn.Parameter(torch.zeros(size * size))
        nn.init.zeros_(self.convolution.weight)

    def forward(self, features: Tensor) -> Tensor:
        with torch.autocast(features.device.type, enabled=False):
            logits: Tensor = self.convolution(features.float()).flatten(1) + self.bias
            return logits


def policy_losses(outputs: PolicyOutputs, batch: PolicyBatch, device: torch.device) -> dict[str, Tensor]:
    """Return the losses of all heads, in nats, summed over the samples whose target is known.

    Args:
        outputs: The outputs of the network.
        batch: The samples.
        device: The device of the outputs.

    Returns:
        A scalar for each name. "policy", "reply", "next": the cross-entropy of the move. "winner": the binary
        cross-entropy of the winner. "score": the negative log-likelihood of the score of a counted game under
        the predicted logistic distribution. "owner": the binary cross-entropy of the owner of a point,
        averaged over the points. The losses of heads that the network lacks are missing.
    """

    def tensor(array: NDArray[Any]) -> Tensor:
        return torch.from_numpy(array).to(device, non_blocking=True)

    losses = {"policy": cross_entropy(outputs.logits, tensor(batch.target), reduction="sum")}
    for name, logits, target in (("reply", outputs.reply, batch.reply), ("next", outputs.next, batch.next)):
        if logits is not None:
            losses[name] = cross_entropy(logits, tensor(target), ignore_index=IGNORED, reduction="sum")
    if (value := outputs.value) is None:
        return losses
    black, won, score = tensor(batch.black), tensor(batch.won), tensor(batch.score)
    known = ~won.isnan()
    entropy = binary_cross_entropy(
        value.win_logits(black, tensor(batch.komi)), won.nan_to_num(), reduction="none"
    )
    losses["winner"] = (entropy * known).sum()
    counted = ~score.isnan()
    spread = value.spread_of(black)
    error = (score.nan_to_num() - value.score_of(black)) / spread
    losses["score"] = ((error + 2 * softplus(-error) + spread.log()) * counted).sum()
    owned = tensor(batch.owned)
    known_owner = owned[:, 0] != UNKNOWN_OWNER
    entropy = binary_cross_entropy(value.owner, owned.float().clamp(max=2) / 2, reduction="none").mean(dim=1)
    losses["owner"] = (entropy * known_owner).sum()
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
