"""The optimizers of a network: Muon with Adam, AdamW, or stochastic gradient descent.

Muon (Jordan et al., 2024, https://kellerjordan.github.io/posts/muon/) takes the momentum of a weight matrix
and replaces it by the nearest orthogonal matrix, so that every direction of the layer's input learns at the
same pace. A convolution kernel [out, in, F, F] counts as the matrix [out, in*F*F].
"""

from collections.abc import Iterable
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.optim.optimizer import Optimizer

from goengine.errors import GoEngineError
from goengine.nn.network import ConvolutionNetwork
from goengine.training.config import RunConfig

# Quintic Newton-Schulz coefficients: steep at zero, so that five steps bring every singular value from
# [0.01, 1] to about [0.7, 1.2]; the exact value does not matter to the optimizer.
_A, _B, _C = 3.4445, -4.7750, 2.0315

_BETAS = (0.9, 0.99)  # Adam's; batches are many and small, so the second moment need not look far back


def orthogonalize(matrices: Tensor, steps: int = 5) -> Tensor:
    """The nearest (semi-)orthogonal matrix of each of [..., rows, columns], by Newton-Schulz iteration."""
    x = matrices.bfloat16()
    tall = x.shape[-2] > x.shape[-1]
    if tall:
        x = x.mT
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(steps):
        gram = x @ x.mT
        x = _A * x + (_B * gram + _C * gram @ gram) @ x
    return (x.mT if tall else x).to(matrices.dtype)


def _filter_norms(p: Tensor) -> Tensor:
    """Of [out, ...]: the norm of each output's weights, [out, 1, ...]."""
    return p.flatten(1).norm(dim=1).view(-1, *[1] * (p.dim() - 1))


class Muon(Optimizer):
    """Nesterov momentum, orthogonalized; for parameters [out, in, F, F] or [out, in].

    lr is the spectral norm of one update of a square or wide matrix. A tall matrix's update is larger by
    sqrt(rows/columns), which keeps its effect on the output's size the same.

    Every output's weights are held at the norm that they had, so an update turns them and does not let them
    grow. Updates have one size however little there is to learn, and without a hold the kernels of a stack
    without normalization grow for ever: activations grow with the product of their norms, one channel comes
    to carry most of them, and the ReLUs of the others die (training/RESULTS.md). Weights that are all zero
    stay zero.
    """

    def __init__(
        self,
        params: Iterable[nn.Parameter],
        lr: float = 0.02,
        momentum: float = 0.95,
    ):
        super().__init__(params, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure=None):
        assert closure is None
        for group in self.param_groups:
            # Layers of one shape are orthogonalized together: one batched product instead of many small ones.
            shapes: dict[torch.Size, list[nn.Parameter]] = {}
            for p in group["params"]:
                if p.grad is not None:
                    shapes.setdefault(p.shape, []).append(p)
            for shape, params in shapes.items():
                updates = torch.stack([self._momentum(p, group["momentum"]) for p in params]).flatten(2)
                scale = max(1.0, updates.shape[-2] / updates.shape[-1]) ** 0.5
                updates = orthogonalize(updates)
                for p, update in zip(params, updates, strict=True):
                    norms = _filter_norms(p)
                    p.add_(update.view(shape), alpha=-group["lr"] * scale)
                    p.mul_(norms / _filter_norms(p).clamp(min=1e-12))

    def _momentum(self, p: nn.Parameter, momentum: float) -> Tensor:
        """The Nesterov look-ahead of the averaged gradient.

        Gradients are averaged by direction, each at norm 1: only direction survives orthogonalizing, and now
        and then a batch's gradient is twenty times the others', which would steer the next twenty updates.
        """
        assert p.grad is not None
        gradient = p.grad / (p.grad.norm() + 1e-12)
        state = self.state[p]
        if "momentum" not in state:
            state["momentum"] = torch.zeros_like(gradient)
        average = state["momentum"].lerp_(gradient, 1 - momentum)
        return torch.lerp(gradient, average, momentum)


class NetworkOptimizer:
    """The optimizer that a config asks for, on the parameters of a network; stepped as one.

    muon: Muon for the kernels of the convolutions between the first and the last, Adam for everything else;
    nothing decays.
    The first and the last kernel and all biases have rows that are inputs and outputs, with meanings and
    scales of their own, which orthogonalizing would level.
    adamw: AdamW for everything (Loshchilov and Hutter, 2019); biases do not decay.
    sgd: gradient descent with Nesterov's momentum; with momentum 0 it is plain, as Silver et al. had it.
    """

    def __init__(self, network: nn.Module, config: RunConfig):
        parameters = list(network.parameters())
        fused = parameters[0].device.type == "cuda"
        optimizers: list[Optimizer] = []
        match config.optimizer:
            case "muon":
                inner = [cast(nn.Parameter, layer.weight) for layer in _convolutions(network)[1:-1]]
                chosen = {id(p) for p in inner}
                rest = [p for p in parameters if id(p) not in chosen]
                optimizers.append(torch.optim.Adam(rest, config.adam_lr, _BETAS, fused=fused))
                if inner:
                    optimizers.append(Muon(inner, config.muon_lr, config.momentum))
            case "adamw":
                groups = _decaying(network, config.weight_decay)
                optimizers.append(torch.optim.AdamW(groups, config.adam_lr, _BETAS, fused=fused))
            case "sgd":
                groups = _decaying(network, config.weight_decay)
                optimizers.append(
                    torch.optim.SGD(
                        groups,
                        config.sgd_lr,
                        config.momentum,
                        nesterov=config.momentum > 0,
                        fused=fused,
                    )
                )
        self.optimizers = optimizers
        self._peak = [[group["lr"] for group in o.param_groups] for o in self.optimizers]

    def step(self, factor: float) -> None:
        """One update with every learning rate multiplied by `factor`; gradients are cleared."""
        for optimizer, peaks in zip(self.optimizers, self._peak, strict=True):
            for group, peak in zip(optimizer.param_groups, peaks, strict=True):
                group["lr"] = peak * factor
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)

    def state_dict(self) -> list[dict]:
        return [optimizer.state_dict() for optimizer in self.optimizers]

    def load_state_dict(self, states: list[dict]) -> None:
        """Go on from these states; learning rates, momentum and the like stay those of the config.

        Raises GoEngineError if they are not the states of such a network's optimizers.
        """
        try:
            for optimizer, state in zip(self.optimizers, states, strict=True):
                optimizer.load_state_dict(_with_options_of(optimizer, state))
                fits = all(
                    value.dim() == 0 or value.shape == parameter.shape
                    for parameter, values in optimizer.state.items()
                    for value in values.values()
                )
                if not fits:
                    raise ValueError
        except (ValueError, KeyError, TypeError, AttributeError):
            raise GoEngineError("the checkpoint's optimizer state is not of such a network") from None


def _convolutions(network: nn.Module) -> list[nn.Conv2d]:
    """The convolutions of a network's layers, in order; those of other heads on them do not count."""
    layers = [layer.name for layer in network.layers] if isinstance(network, ConvolutionNetwork) else None
    return [
        module
        for name, module in network.named_modules()
        if isinstance(module, nn.Conv2d) and (layers is None or name in layers)
    ]


def _decaying(network: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """The parameters in groups: weights, which decay, and biases and normalisations, which do not."""
    decaying: list[nn.Parameter] = []
    rest: list[nn.Parameter] = []
    for name, p in network.named_parameters():
        (rest if name.endswith("bias") or p.dim() == 1 else decaying).append(p)
    return [
        {"params": decaying, "weight_decay": weight_decay},
        {"params": rest, "weight_decay": 0.0},
    ]


def _with_options_of(optimizer: Optimizer, state: dict[str, Any]) -> dict[str, Any]:
    """The state, its groups' options those of the optimizer, which torch would take from the state."""
    groups = [
        {**{name: value for name, value in own.items() if name != "params"}, "params": saved["params"]}
        for own, saved in zip(optimizer.param_groups, state["param_groups"], strict=True)
    ]
    return {"state": state["state"], "param_groups": groups}
